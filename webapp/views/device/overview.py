"""The latest values of a device, and the chart of one of its streams."""

from django.utils import timezone

from server.apps.streams.selectors import data
from server.apps.streams.selectors.data import streams_of_device
from webapp.forms.time_ranges import RANGES, TimeRangeForm, time_range_of
from webapp.quantities import latest_values
from webapp.views.device.readings import chosen_stream, csv_address
from webapp.views.device.visit import Context, DeviceVisit
from webapp.views.page import when_reachable


def overview_context(visit: DeviceVisit) -> Context:
    of_device = list(streams_of_device(visit.request.user, visit.device))
    latest = when_reachable(lambda: data.latest_values(of_device))
    reporting = [stream for stream in of_device if stream.key in (latest or {})]
    stream = chosen_stream(visit, [*reporting, *of_device])
    form = TimeRangeForm(visit.request.GET)
    time_range = time_range_of(form, now=timezone.now()) if form.is_valid() else None
    return {
        "may_read_data": visit.may("can_read_stream_data"),
        "reachable": latest is not None,
        "values": latest_values(of_device, latest or {}),
        "stream": stream,
        "time_range_form": form,
        "time_range": time_range,
        "csv": csv_address(stream, start=time_range.start, end=time_range.end)
        if stream and time_range
        else None,
        "ranges": {name: label for name, (label, _) in RANGES.items()},
    }
