"""Serializers of trimming and moving a device. Field names are those of the original cloud."""

from typing import Any

from rest_framework import serializers

from server.core.rest.moments import MomentField
from server.core.rest.parsing import StrictInput


class TrimInput(StrictInput):
    start = MomentField(required=False, allow_null=True, help_text="Delete what is before this time.")
    end = MomentField(required=False, allow_null=True, help_text="Delete what is after this time.")


class MoveInput(StrictInput):
    project = serializers.CharField(max_length=40, help_text="The UUID or slug of the target project.")
    move_data = serializers.BooleanField(default=True, help_text="Move its history too.")


class TrimScheduled(serializers.Serializer[Any]):
    trim = serializers.CharField(help_text="`scheduled`")
    pid = serializers.UUIDField(help_text="Of the operation; `pid/` returns its progress.")


class MoveScheduled(serializers.Serializer[Any]):
    move = serializers.CharField(help_text="`scheduled`")
    pid = serializers.UUIDField(help_text="Of the operation; `pid/` returns its progress.")
