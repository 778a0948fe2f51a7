"""Serializers of resetting and unclaiming a device. Field names are those of the original cloud."""

from typing import Any

from rest_framework import serializers

from server.core.rest.parsing import StrictInput


class ResetInput(StrictInput):
    full = serializers.BooleanField(
        default=True, help_text="The acknowledgements too: the device may report old readings again."
    )
    include_properties = serializers.BooleanField(
        default=True, help_text="Properties that people set; the system's own stay."
    )
    include_notes_and_locations = serializers.BooleanField(default=True)


class ResetScheduled(serializers.Serializer[Any]):
    reset = serializers.CharField(help_text="`scheduled`")
    pid = serializers.UUIDField(help_text="Of the operation; `pid/` returns its progress.")


class UnclaimInput(StrictInput):
    label = serializers.CharField(  # type: ignore[assignment]  # a field of the body, not of the form
        max_length=100,
        allow_blank=True,
        default="",
        help_text="Its label afterwards; `{id}` becomes the last four digits of its slug.",
    )
    clean_streams = serializers.BooleanField(
        default=False, help_text="Delete its data too. Without this it stays in the project."
    )


class UnclaimScheduled(serializers.Serializer[Any]):
    unclaimed = serializers.BooleanField()
    msg = serializers.CharField()
    pid = serializers.UUIDField(help_text="Of the operation; `pid/` returns its progress.")
    claim_code = serializers.CharField(help_text="Claims the device again, once. It is not shown again.")
