"""What is asked for a device's history, and the answers. Field names are those of the original cloud."""

from typing import Any

from rest_framework import serializers

from server.core.rest.moments import MomentField
from server.core.rest.parsing import StrictInput


class TrimInput(StrictInput):
    start = MomentField(required=False, allow_null=True, help_text="What is before this goes.")
    end = MomentField(required=False, allow_null=True, help_text="What is after this goes.")


class MoveInput(StrictInput):
    project = serializers.CharField(max_length=40, help_text="The UUID or slug of the project to go to.")
    move_data = serializers.BooleanField(default=True, help_text="Its history goes along.")


class TrimScheduled(serializers.Serializer[Any]):
    trim = serializers.CharField(help_text="`scheduled`")
    pid = serializers.UUIDField(help_text="Ask `pid/` how far it is.")


class MoveScheduled(serializers.Serializer[Any]):
    move = serializers.CharField(help_text="`scheduled`")
    pid = serializers.UUIDField(help_text="Ask `pid/` how far it is.")
