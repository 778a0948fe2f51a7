"""Serializers of the readings of one stream."""

from typing import Any

from rest_framework import serializers

from server.api.data.serializers.readings import CURSOR_HELP, RawBoundsInput
from server.api.data.serializers.rows import ReadingsPageInput
from server.api.paging import CursorField
from server.apps.streams.selectors.aggregates import FUNCTIONS as AGGREGATE_FUNCTIONS
from server.core.rest.moments import MomentField, ZoneField
from server.core.rest.numbers import PositiveField
from server.core.rest.pagination import SuperLargePages
from server.core.rest.parsing import ParsedField
from server.lib.timeseries.buckets import Bucket


class StreamDataInput(RawBoundsInput, ReadingsPageInput):
    page_size = PositiveField(most=SuperLargePages.max_page_size, default=SuperLargePages.page_size)
    cursor = CursorField(default=None, help_text=CURSOR_HELP)


class BucketField(ParsedField):
    def parse(self, text: str) -> Bucket:
        return Bucket.parse(text)


class FunctionsField(ParsedField):
    def parse(self, text: str) -> list[str]:
        names = list(dict.fromkeys(name.strip() for name in text.split(",")))
        if not set(names) <= set(AGGREGATE_FUNCTIONS):
            raise ValueError(f"Some of {', '.join(AGGREGATE_FUNCTIONS)} are needed.")
        return names


class AggregateInput(serializers.Serializer[Any]):
    bucket = BucketField(help_text="Such as 15m, 1h, 1d, 1w, 1M, 1y.")
    tz = ZoneField(default=None, help_text="The time zone of the calendar; UTC unless given.")
    fn = FunctionsField(default=None, help_text="Of avg, min, max, sum, count, first, last; with commas.")
    start = MomentField(default=None, help_text="From this time on.")
    end = MomentField(default=None, help_text="Before this time.")
    unit = serializers.ChoiceField(["output", "storage"], default="output")


class AggregateRow(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    avg = serializers.FloatField(required=False)
    min = serializers.FloatField(required=False)
    max = serializers.FloatField(required=False)
    sum = serializers.FloatField(required=False, allow_null=True)
    count = serializers.IntegerField(required=False)
    first = serializers.FloatField(required=False)
    last = serializers.FloatField(required=False)


class AggregateOutput(serializers.Serializer[Any]):
    stream = serializers.CharField()
    unit = serializers.CharField(help_text="Of the values; empty when it has no name.")
    results = AggregateRow(many=True)


class StatsOutput(serializers.Serializer[Any]):
    """In the output unit."""

    count = serializers.IntegerField()
    min = serializers.FloatField(allow_null=True)
    max = serializers.FloatField(allow_null=True)
    sum = serializers.FloatField(allow_null=True)
    avg = serializers.FloatField(allow_null=True)
    interval_days = serializers.FloatField(help_text="From the first counted reading to the last.")
