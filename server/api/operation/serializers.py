"""Serializers of operations."""

from typing import Any

from rest_framework import serializers

from server.apps.activity.models import Operation
from server.core.rest.parsing import StrictInput


class OperationOutput(serializers.ModelSerializer[Operation]):
    pid = serializers.UUIDField(source="pk", read_only=True)
    type = serializers.CharField(source="kind", read_only=True)
    org = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    created_by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Operation
        fields = (
            *("pid", "type", "org", "target", "state", "percent", "message"),
            *("created_on", "created_by", "finished_on"),
        )
        read_only_fields = fields


class OperationsQuery(serializers.Serializer[Any]):
    target = serializers.CharField(max_length=80, required=False, default="", help_text="A slug.")
    org = serializers.SlugField(max_length=60, required=False, default="")


class PidInput(StrictInput):
    pid = serializers.CharField(max_length=64)


class PidInfo(serializers.Serializer[Any]):
    """The state of the work, or an error."""

    type = serializers.CharField(required=False, source="kind")
    created_on = serializers.DateTimeField(required=False)
    state = serializers.ChoiceField(required=False, choices=Operation.State.choices)
    percent = serializers.IntegerField(required=False)
    message = serializers.CharField(required=False, allow_blank=True)
    finished_on = serializers.DateTimeField(required=False, allow_null=True)
    error = serializers.CharField(required=False)


class PidOutput(serializers.Serializer[Any]):
    pid = serializers.CharField()
    info = PidInfo()
