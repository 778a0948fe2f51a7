"""Serializers of a device's gap map."""

from typing import Any

from rest_framework import serializers

from server.core.rest.moments import ZoneField


class GapsInput(serializers.Serializer[Any]):
    start = serializers.DateField(default=None, help_text="The first day; 90 days unless given.")
    end = serializers.DateField(default=None, help_text="The last day, inclusive; today unless given.")
    tz = ZoneField(default=None, help_text="The time zone of the calendar; UTC unless given.")


class DayOutput(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="On which the reports were processed.")
    reports = serializers.IntegerField()
    received = serializers.IntegerField(help_text="Readings: stored, duplicate and refused.")
    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    refused = serializers.IntegerField()
    missing = serializers.IntegerField(
        help_text="Reading ids skipped before those of this day, which no streamer of the device has reported since."
    )
    jumps = serializers.IntegerField(
        help_text="Gaps so wide that a damaged id is more likely than lost readings. Nothing of them counts as missing."
    )


class GapOutput(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="On which the first report beyond it was processed.")
    first_id = serializers.IntegerField(source="gap.first")
    last_id = serializers.IntegerField(source="gap.last")
    missing = serializers.IntegerField(source="gap.missing")
    jump = serializers.BooleanField(source="gap.jump")


class StreamerGapsOutput(serializers.Serializer[Any]):
    streamer = serializers.CharField(source="streamer.slug")
    days = DayOutput(source="history.days", many=True, help_text="Days without reports are left out.")
    gaps = GapOutput(source="history.gaps", many=True)


class GapsOutput(serializers.Serializer[Any]):
    start = serializers.DateField()
    end = serializers.DateField()
    streamers = StreamerGapsOutput(many=True)
