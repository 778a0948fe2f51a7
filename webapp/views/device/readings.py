"""One page of the table of readings, the newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from server.apps.streams import selectors as streams
from server.apps.streams.models import StreamId
from server.lib.timeseries import TimeStatus
from webapp.forms.windows import WindowForm, range_query
from webapp.quantities import quantity_of

READINGS_A_PAGE: Final = 50
# Further back a range of time finds the place at once; skipping that many rows would not.
DEEPEST_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class ReadingRow:
    ts: datetime
    text: str
    raw: int | None
    seq: int
    clock: str


@dataclass(frozen=True, slots=True)
class ReadingPage:
    rows: list[ReadingRow]
    unit: str
    older: bool
    total: int | None
    """Of the whole stream; None when a range was chosen, for then it would have to be counted."""


def csv_address(stream: StreamId, *, start: datetime | None, end: datetime | None) -> str:
    """The API's file of these readings, in the units of the pages and the reader's time zone; without times of all."""
    return reverse("stream-csv", args=[stream.slug], query=range_query(start=start, end=end))


def page_number(request: HttpRequest) -> int:
    """From 1 to DEEPEST_PAGE, whatever was asked for."""
    try:
        return min(max(int(request.GET.get("page", "1")), 1), DEEPEST_PAGE)
    except ValueError:
        return 1


def page_of_readings(stream: StreamId, window: WindowForm, number: int) -> ReadingPage:
    """The form is valid; without times in it all readings are meant."""
    start, end = window.cleaned_data["start"], window.cleaned_data["end"]
    readings = streams.page_of_readings(
        [stream],
        start=start,
        end=end,
        limit=READINGS_A_PAGE + 1,
        offset=(number - 1) * READINGS_A_PAGE,
        newest=True,
    )
    whole = start is None and end is None
    quantity = quantity_of(stream)
    rows = [
        ReadingRow(
            reading.ts, quantity.text(reading.value), reading.int_value, reading.seq, _clock(reading.status)
        )
        for reading in reversed(readings)
    ]
    return ReadingPage(
        rows=rows[:READINGS_A_PAGE],
        unit=quantity.unit,
        older=len(rows) > READINGS_A_PAGE,
        total=streams.count_of_readings([stream], start=None, end=None) if whole else None,
    )


def _clock(status: int) -> str:
    """How sure we are of the time."""
    return TimeStatus(status).code
