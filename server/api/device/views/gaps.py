"""The gap map of a device: what came day by day, and which reading ids never came."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.apps.accounts.selectors import is_staff_asking
from server.apps.devices.selectors import device_for
from server.apps.ingest.selectors import StreamerHistory, histories_of_device
from server.core.errors import Invalid
from server.core.rest.moments import ZoneField
from server.core.rest.parsing import parsed_query

USUAL_DAYS: Final = 90
MOST_DAYS: Final = 366
_FIRST: Final = date(1970, 1, 2)
_LAST: Final = date(2199, 12, 31)


class GapsInput(serializers.Serializer[Any]):
    start = serializers.DateField(default=None, help_text="The first day; 90 days unless given.")
    end = serializers.DateField(default=None, help_text="The last day, inclusive; today unless given.")
    tz = ZoneField(default=None, help_text="Whose calendar; UTC unless given.")


class DayOutput(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="On which the reports were worked off.")
    reports = serializers.IntegerField()
    received = serializers.IntegerField(help_text="Readings: stored, duplicate and refused.")
    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    refused = serializers.IntegerField()
    missing = serializers.IntegerField(
        help_text="Reading ids left out before what came on this day, which no streamer of the device has brought since."
    )
    jumps = serializers.IntegerField(
        help_text="Gaps so wide that a damaged id is more likely than lost readings. Nothing of them counts as missing."
    )


class GapOutput(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="On which the first report beyond it was worked off.")
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


class Gaps(APIView):
    @extend_schema(parameters=[GapsInput], responses=GapsOutput)
    def get(self, request: Request, slug: str) -> Response:
        """What came of each streamer day by day: received, stored, duplicate, refused, and the reading ids that are missing."""
        device = device_for(request.user, slug, staff=is_staff_asking(request))
        asked = parsed_query(GapsInput, request)
        zone: ZoneInfo = asked["tz"] or ZoneInfo("UTC")
        first, last = _days(asked["start"], asked["end"], now=timezone.now(), zone=zone)
        found: Sequence[StreamerHistory] = histories_of_device(device, first=first, last=last, zone=zone)
        return Response(GapsOutput({"start": first, "end": last, "streamers": found}).data)


def _days(start: date | None, end: date | None, *, now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """Raises Invalid."""
    last = end or now.astimezone(zone).date()
    if not _FIRST <= last <= _LAST:
        raise Invalid(
            "A day must be between 1970 and 2200.", field="start" if start and last < _FIRST else "end"
        )
    first = start or max(_FIRST, last - timedelta(days=USUAL_DAYS - 1))
    if first < _FIRST:
        raise Invalid("A day must be between 1970 and 2200.", field="start")
    if first > last:
        raise Invalid("The last day must not be before the first.", field="end")
    if (last - first).days >= MOST_DAYS:
        raise Invalid(f"At most {MOST_DAYS} days can be asked for.", field="start")
    return first, last
