"""Serializers of streamers and their reports. Field names are those of the original cloud."""

from typing import Any

from rest_framework import serializers

from server.apps.ingest.models import StreamerReport
from server.core.rest.moments import MomentField

NO_FILE = "Send the report as the part `file` of a multipart form."
ONE_FILE = "Send one report at a time: there is more than one part `file`."


class UploadInput(serializers.Serializer[Any]):
    timestamp = MomentField(
        error_messages={
            "required": "A timestamp of when the report was received is needed, as in ?timestamp=2021-03-01T11:23:15Z.",
        },
        help_text="When the report was received from the device; UTC unless it has an offset.",
    )
    # An empty file is checked like any other, so it is refused with a reason and kept.
    file = serializers.FileField(
        allow_empty_file=True, max_length=1000, error_messages={"required": NO_FILE, "invalid": NO_FILE}
    )


class UploadForm(serializers.Serializer[Any]):
    """For the documentation: the body."""

    file = serializers.FileField(help_text="The extension of its name is the format: .bin, .json or .mp.")


class UploadOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text="Readings and events in the file.")
    refused = serializers.DictField(
        child=serializers.IntegerField(),
        required=False,
        help_text="Of these, how many cannot be stored, by reason (`no-value`, `bad-time`), if there are any.",
    )


class StreamerOutput(serializers.Serializer[Any]):
    """A streamer with its progress."""

    id = serializers.IntegerField(source="streamer.id")
    slug = serializers.CharField(source="streamer.slug")
    device = serializers.CharField(source="streamer.device.slug")
    process_engine_ver = serializers.IntegerField(source="streamer.process_engine_ver")
    index = serializers.IntegerField(source="streamer.index")
    last_id = serializers.IntegerField(
        help_text="The acknowledgement: all readings up to this id are stored."
    )
    last_reboot_ts = serializers.DateTimeField(source="last_reboot", allow_null=True)
    is_system = serializers.BooleanField(source="streamer.is_system")
    selector = serializers.IntegerField(source="streamer.selector")


class ReportOutput(serializers.ModelSerializer[StreamerReport]):
    streamer = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    created_by = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = StreamerReport
        fields = (
            "id",
            "original_first_id",
            "original_last_id",
            "actual_first_id",
            "actual_last_id",
            "streamer",
            "sent_timestamp",
            "device_sent_timestamp",
            "incremental_id",
            "time_epsilon",
            "created_on",
            "created_by",
        )
        read_only_fields = fields
