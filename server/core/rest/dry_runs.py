"""`?dry_run=1`: preview what an operation would do instead of doing it."""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.core.rest.parsing import parsed_query

DRY_RUN: Final = OpenApiParameter(
    "dry_run", bool, description="Answer 200 with what would be deleted or moved, and do nothing."
)


class _Query(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField(default=False)


def is_dry_run(request: Request) -> bool:
    return bool(parsed_query(_Query, request)["dry_run"])


class EffectOutput(serializers.Serializer[Any]):
    """How much would be deleted, moved or archived; nothing is done."""

    dry_run = serializers.BooleanField(help_text="True.")
    streams = serializers.IntegerField()
    readings = serializers.IntegerField()
    events = serializers.IntegerField()
    notes = serializers.IntegerField()
    locations = serializers.IntegerField()
    properties = serializers.IntegerField()
    reports = serializers.IntegerField()


def effect_response(effect: Mapping[str, int]) -> Response:
    return Response(EffectOutput({"dry_run": True, **effect}).data)
