"""The gap map of a device: what it reported day by day, and which reading ids are missing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.device.serializers.gaps import GapsInput, GapsOutput
from server.apps.accounts.selectors.accounts import is_staff_request
from server.apps.devices.selectors.devices import device_for
from server.apps.ingest.selectors import StreamerHistory, histories_of_device
from server.core.errors import Invalid
from server.core.rest.parsing import parsed_query

USUAL_DAYS: Final = 90
MOST_DAYS: Final = 366
_FIRST: Final = date(1970, 1, 2)
_LAST: Final = date(2199, 12, 31)


class Gaps(APIView):
    @extend_schema(parameters=[GapsInput], responses=GapsOutput)
    def get(self, request: Request, slug: str) -> Response:
        """What each streamer reported day by day: readings received, stored, duplicate and refused,
        and the missing reading ids."""
        device = device_for(request.user, slug, staff=is_staff_request(request))
        query = parsed_query(GapsInput, request)
        zone: ZoneInfo = query["tz"] or ZoneInfo("UTC")
        first, last = _days(query["start"], query["end"], now=timezone.now(), zone=zone)
        found: Sequence[StreamerHistory] = histories_of_device(device, first=first, last=last, zone=zone)
        return Response(GapsOutput({"start": first, "end": last, "streamers": found}).data)


def _days(start: date | None, end: date | None, *, now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """Returns the first and the last day. Raises Invalid."""
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
