"""Requests and responses of DataTables, a table widget for web pages."""

from typing import Any

from rest_framework import serializers


class TableInput(serializers.Serializer[Any]):
    """The parameters of DataTables that are used; it sends more."""

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
