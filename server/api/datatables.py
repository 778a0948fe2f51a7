"""What DataTables, a table of a page, asks for and reads."""

from typing import Any

from rest_framework import serializers


class TableInput(serializers.Serializer[Any]):
    """What DataTables sends; anything else of it is not looked at."""

    draw = serializers.IntegerField(default=0, min_value=0, max_value=2**32 - 1)
    start = serializers.IntegerField(default=0, min_value=0, max_value=10**9)
    length = serializers.IntegerField(default=10, min_value=-1, max_value=10_000)


class TableOutput(serializers.Serializer[Any]):
    draw = serializers.IntegerField()
    recordsTotal = serializers.IntegerField()
    recordsFiltered = serializers.IntegerField()
    data = serializers.ListField(  # type: ignore[assignment]  # a field goes by this name
        child=serializers.ListField(child=serializers.CharField(allow_blank=True))
    )
