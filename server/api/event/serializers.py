"""Serializers of events. Field names are those of the original cloud."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from server.api.data.serializers.readings import MOST_ID, MOST_WORD, ROW_FIELDS, PointInput
from server.api.data.serializers.rows import Page
from server.core.rest.documents import DocumentField
from server.core.rest.moments import StoredMomentField
from server.core.rest.parsing import StrictInput


class EventInput(PointInput):
    ignored = ROW_FIELDS | {"s3bucket", "s3key", "ext", "has_raw_data", "status"}

    extra_data = DocumentField(default=dict, help_text="The summary.")
    data = serializers.JSONField(  # type: ignore[assignment]  # a field goes by this name
        default=None, allow_null=True, write_only=True, help_text="The large part, which is stored as a file."
    )


class EventChangeInput(StrictInput):
    ignored = ROW_FIELDS | {"s3bucket", "s3key", "ext", "has_raw_data", "status", "stream"}

    timestamp = StoredMomentField(required=False)
    extra_data = DocumentField(required=False, help_text="Replaces the summary.")
    data = serializers.JSONField(  # type: ignore[assignment]  # a field goes by this name
        required=False, allow_null=True, write_only=True, help_text="Replaces the large part; null: it stays."
    )
    streamer_local_id = serializers.IntegerField(required=False, min_value=0, max_value=MOST_ID)
    device_timestamp = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_WORD
    )


class EventUploadForm(serializers.Serializer[Any]):
    """For the documentation: the multipart form."""

    file = serializers.FileField(
        help_text=f"A .json or .json.gz file, at most {settings.REPORT_MAX_BYTES} bytes."
    )
    stream = serializers.CharField()
    timestamp = serializers.DateTimeField(required=False)
    streamer_local_id = serializers.IntegerField(required=False)
    device_timestamp = serializers.IntegerField(required=False)
    encoded_extra_data = serializers.CharField(
        required=False, help_text="The summary, as the text of a JSON object."
    )


class EventOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    stream = serializers.CharField()
    project = serializers.CharField(help_text="Empty in an archive.")
    device = serializers.CharField()
    variable = serializers.CharField()
    s3bucket = serializers.CharField(allow_null=True, help_text="Always null: see `data/` and `url/`.")
    s3key = serializers.CharField(allow_null=True, help_text="Always null.")
    ext = serializers.CharField(allow_null=True, help_text="json or json.gz; null without a large part.")
    has_raw_data = serializers.BooleanField()
    device_timestamp = serializers.IntegerField(allow_null=True)
    timestamp = serializers.DateTimeField(help_text="In whole seconds.")
    streamer_local_id = serializers.IntegerField()
    dirty_ts = serializers.BooleanField()
    status = serializers.CharField()
    extra_data = serializers.DictField()


class EventPage(Page):
    results = EventOutput(many=True)


class UrlOutput(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="Valid for an hour, without signing in.")
