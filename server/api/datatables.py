"""Requests and responses of DataTables, a table widget for web pages."""

import re
from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

SEARCH: Final = OpenApiParameter("search[value]", OpenApiTypes.STR, description="Words to look for.")
ORDER: Final = [
    OpenApiParameter("order[0][column]", OpenApiTypes.INT, description="From 0."),
    OpenApiParameter("order[0][dir]", OpenApiTypes.STR, enum=["asc", "desc"]),
]
OTHER_PARAMETERS: Final = re.compile(r"(columns|order|search)\[.*|sEcho")
"""What DataTables sends besides, to describe its columns."""


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


def is_oldest_first(query: Mapping[str, str]) -> bool:
    """Whether rows in the order of time are asked for with the oldest first. Raises ValidationError
    for another order, and for a search: neither is possible."""
    if query.get("search[value]"):
        raise ValidationError({"search[value]": ["These rows cannot be searched."]})
    if query.get("order[0][column]", "0") not in {"", "0"}:
        raise ValidationError({"order[0][column]": ["Only column 0, the time, orders these rows."]})
    direction = query.get("order[0][dir]", "desc")
    if direction not in {"", "asc", "desc"}:
        raise ValidationError({"order[0][dir]": ["It is asc or desc."]})
    return direction == "asc"
