"""The readings of a stream as a table, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from server.apps.streams.models import StreamId
from server.apps.streams.selectors import readings as readings_selectors
from server.apps.streams.selectors.data import streams_of_device
from server.apps.streams.selectors.readings import count_of_readings
from server.lib.timeseries import TimeStatus
from webapp.forms.time_ranges import TimeRangeForm, range_query
from webapp.quantities import quantity_of
from webapp.views.device.visit import Context, DeviceVisit
from webapp.views.page import when_reachable

READINGS_A_PAGE: Final = 50
# Skipping more rows than that is slow; a time range is not.
DEEPEST_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class ReadingRow:
    ts: datetime
    text: str
    raw: int | None
    reading_id: int
    clock: str
    """The status of the time, as its code."""


@dataclass(frozen=True, slots=True)
class ReadingPage:
    rows: list[ReadingRow]
    unit: str
    older: bool
    total: int | None
    """Of the whole stream; None for a range, whose readings would have to be counted."""


def readings_context(visit: DeviceVisit) -> Context:
    of_device = list(streams_of_device(visit.request.user, visit.device))
    stream = chosen_stream(visit, of_device)
    form = TimeRangeForm(visit.request.GET)
    number = page_number(visit.request)
    context: Context = {
        "may_read_data": visit.may("can_read_stream_data"),
        "streams": of_device,
        "stream": stream,
        "time_range_form": form,
        "number": number,
    }
    if stream is None or not form.is_valid():
        return context | {"reachable": True}
    shown_page = when_reachable(lambda: page_of_readings(stream, form, number))
    start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    return context | {
        "reachable": shown_page is not None,
        "shown": shown_page,
        "deepest": DEEPEST_PAGE,
        "csv": csv_address(stream, start=start, end=end),
    }


def chosen_stream(visit: DeviceVisit, candidates: Sequence[StreamId]) -> StreamId | None:
    """Returns the stream in the query, else the first."""
    wanted = visit.request.GET.get("stream")
    asked = (stream for stream in candidates if stream.slug == wanted)
    return next(asked, candidates[0] if candidates else None)


def csv_address(stream: StreamId, *, start: datetime | None, end: datetime | None) -> str:
    """Returns the address of the API's CSV of these readings, in the units of the pages; without
    times, of all."""
    return reverse("stream-csv", args=[stream.slug], query=range_query(start=start, end=end))


def page_number(request: HttpRequest) -> int:
    """Returns the page in the query, limited to 1 to DEEPEST_PAGE."""
    try:
        return min(max(int(request.GET.get("page", "1")), 1), DEEPEST_PAGE)
    except ValueError:
        return 1


def page_of_readings(stream: StreamId, form: TimeRangeForm, number: int) -> ReadingPage:
    """Returns a page of readings of a valid form; without times in it, of all readings."""
    start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    readings = readings_selectors.page_of_readings(
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
            reading.ts,
            quantity.text(reading.value),
            reading.int_value,
            reading.reading_id,
            clock=TimeStatus(reading.status).code,
        )
        for reading in reversed(readings)
    ]
    return ReadingPage(
        rows=rows[:READINGS_A_PAGE],
        unit=quantity.unit,
        older=len(rows) > READINGS_A_PAGE,
        total=count_of_readings([stream], start=None, end=None) if whole else None,
    )
