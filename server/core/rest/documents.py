"""JSON documents in requests that are stored as they are. What PostgreSQL or a later reader could
not handle is refused here."""

import math
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

DEEPEST: Final = 32
MOST_CHARACTERS: Final = 100_000


@extend_schema_field(OpenApiTypes.OBJECT)
class DocumentField(serializers.JSONField):
    """A JSON object. Refuses documents that are nested too deeply, too long, or contain characters
    that cannot be stored."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("A JSON object is needed.")
        check_document(data)
        return super().to_internal_value(data)


@extend_schema_field({"type": "array", "items": {}})
class ArrayField(serializers.JSONField):
    """A JSON array, with the same limits."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise serializers.ValidationError("A JSON array is needed.")
        check_document(data)
        return super().to_internal_value(data)


def check_document(data: Any) -> None:
    """Raises ValidationError for a document that cannot be stored."""
    budget = MOST_CHARACTERS
    level = [data]
    for _ in range(DEEPEST):
        budget -= sum(_characters(value) for value in level)
        if budget < 0:
            raise serializers.ValidationError("The document is too long.")
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise serializers.ValidationError("The document is nested too deeply.")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _characters(value: Any) -> int:
    """Returns the size of a value without its contents. Raises ValidationError for a value that
    cannot be stored."""
    if isinstance(value, float) and not math.isfinite(value):
        raise serializers.ValidationError("The document holds a number that is too large.")
    if not isinstance(value, str):
        return 1 + value.bit_length() // 3 if isinstance(value, int) else 1
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise serializers.ValidationError("The document holds characters that cannot be stored.")
    return len(value) + 1
