"""The points of a chart as JSON, in columns, which uPlot takes as they are."""

from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from server.apps.devices.selectors.devices import device_number
from server.apps.streams.models import StreamId
from server.apps.streams.selectors.data import Band, chart_of, latest_values, stream_for
from server.core.errors import Invalid, NotFound
from webapp.forms.time_ranges import TimeRange, TimeRangeForm, require_valid, time_range_of
from webapp.quantities import Quantity, quantity_of
from webapp.views.device.readings import csv_address
from webapp.views.page import PageRequest, page

_EXTRA_DIGITS = 2  # more than the unit's decimal places, so that a thinned line stays smooth


@page
def chart(request: PageRequest, slug: str, stream_slug: str) -> HttpResponse:
    stream = stream_for(request.user, stream_slug)
    if stream.device_id != device_number(slug):
        raise NotFound()
    try:
        time_range = time_range_of(require_valid(TimeRangeForm(request.GET)), now=timezone.now())
    except Invalid as error:
        return JsonResponse({"error": error.message}, status=400)
    return JsonResponse(_points(stream, time_range))


def _points(stream: StreamId, time_range: TimeRange) -> dict[str, object]:
    quantity = quantity_of(stream)
    bands = chart_of(stream, start=time_range.start, end=time_range.end)
    return {
        "label": quantity.label,
        "unit": quantity.unit,
        "decimals": quantity.decimals,
        "start": time_range.start.timestamp(),
        "end": time_range.end.timestamp(),
        "thinned": any(count > 1 for *_, count in bands),
        "csv": csv_address(stream, start=time_range.start, end=time_range.end),
        "last": None if bands else _newest_time(stream),
        **_columns(bands, quantity),
    }


def _columns(bands: list[Band], quantity: Quantity) -> dict[str, list[float]]:
    """`t` is in seconds since 1970, the others in the output unit, whose conversion may swap
    minimum and maximum."""
    digits = quantity.decimals + _EXTRA_DIGITS
    columns: dict[str, list[float]] = {"t": [], "min": [], "max": [], "mean": [], "n": []}
    for ts, low, high, mean, count in bands:
        shown = [round(quantity.convert(value), digits) for value in (low, high)]
        columns["t"].append(round(ts.timestamp(), 3))
        columns["min"].append(min(shown))
        columns["max"].append(max(shown))
        columns["mean"].append(round(quantity.convert(mean), digits))
        columns["n"].append(count)
    return columns


def _newest_time(stream: StreamId) -> float | None:
    """Returns the time of the latest reading, to which an empty chart can link."""
    latest = latest_values([stream]).get(stream.key)
    return None if latest is None else latest.ts.timestamp()
