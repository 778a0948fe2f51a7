"""Serializers of rows of data. Field names are those of the original cloud. They are used for the
documentation only: `server.api.rows` writes the rows, and a test compares the two."""

from typing import Any, Final

from rest_framework import serializers

from server.core.rest.moments import MomentField
from server.core.rest.numbers import PageField, PositiveField

MOST_LAST: Final = 100_000
MOST_PAGES: Final = 10**12


class ReadingsPageInput(serializers.Serializer[Any]):
    """Which readings: a time range, only the newest of it, a page."""

    start = MomentField(default=None, help_text="From this time on.")
    end = MomentField(default=None, help_text="Before this time.")
    lastn = PositiveField(most=MOST_LAST, default=None, help_text="Only the newest ones; at most 100000.")
    page = PageField(most=MOST_PAGES, default=1)


class StreamRow(serializers.Serializer[Any]):
    type = serializers.CharField()
    timestamp = serializers.DateTimeField(help_text="In whole seconds.")
    int_value = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(allow_null=True, help_text="In the storage unit.")
    display_value = serializers.CharField(help_text="In the output unit, with the variable's decimal places.")
    output_value = serializers.FloatField(allow_null=True, help_text="In the output unit.")
    streamer_local_id = serializers.IntegerField(help_text="The reading's id.")


class DataRow(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Stable; has no meaning.")
    stream = serializers.CharField()
    project = serializers.CharField()
    device = serializers.CharField()
    variable = serializers.CharField()
    type = serializers.CharField()
    device_timestamp = serializers.IntegerField(allow_null=True, help_text="The raw device time.")
    timestamp = serializers.DateTimeField(help_text="In whole seconds.")
    int_value = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(allow_null=True, help_text="In the storage unit.")
    streamer_local_id = serializers.IntegerField(help_text="The reading's id.")
    dirty_ts = serializers.BooleanField(help_text="The time is an estimate.")
    status = serializers.CharField(help_text="unk, cln, drt or utc.")


class Page(serializers.Serializer[Any]):
    count = serializers.IntegerField(allow_null=True, help_text="Null for pages by cursor.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class StreamPage(Page):
    results = StreamRow(many=True)


class DataPage(Page):
    results = DataRow(many=True)
