"""What resetting and unclaiming a device look like on the wire. Field names are those of the original cloud."""

from typing import Any

from rest_framework import serializers

from server.core.rest.parsing import StrictInput


class ResetInput(StrictInput):
    full = serializers.BooleanField(
        default=True, help_text="The acknowledgements too: the device may bring old readings again."
    )
    include_properties = serializers.BooleanField(
        default=True, help_text="What people said of it; the system's own properties stay."
    )
    include_notes_and_locations = serializers.BooleanField(default=True)


class ResetScheduled(serializers.Serializer[Any]):
    reset = serializers.CharField(help_text="`scheduled`")
    pid = serializers.UUIDField(help_text="Ask `pid/` how far it is.")


class UnclaimInput(StrictInput):
    label = serializers.CharField(  # type: ignore[assignment]  # a field of the body, not of the form
        max_length=100,
        allow_blank=True,
        default="",
        help_text="The label it goes back to; `{id}` becomes the last four digits of its slug.",
    )
    clean_streams = serializers.BooleanField(
        default=False, help_text="Its data goes too. Without this it stays in the project."
    )


class UnclaimScheduled(serializers.Serializer[Any]):
    unclaimed = serializers.BooleanField()
    msg = serializers.CharField()
    pid = serializers.UUIDField(help_text="Ask `pid/` how far it is.")
    claim_code = serializers.CharField(help_text="Claims the device again, once. Shown this once.")
