"""A device: its newest values and their chart, its readings, its reports. Each tab is a link and works without scripts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from server.apps.accounts.models import OrgMembership
from server.apps.accounts.selectors import membership_in
from server.apps.devices import selectors as devices
from server.apps.devices.models import Device
from server.apps.ingest import selectors as ingest
from server.apps.ingest.models import StreamerReport
from server.apps.streams import selectors as streams
from server.apps.streams.models import StreamId
from webapp.forms.uploads import UploadForm
from webapp.forms.windows import RANGES, WindowForm, window_of
from webapp.quantities import latest_values
from webapp.views.device.health import health_context, readers_zone
from webapp.views.device.readings import DEEPEST_PAGE, csv_address, page_number, page_of_readings
from webapp.views.device.repairs import repairs_context
from webapp.views.page import PageRequest, page, when_reachable
from webapp.views.reports import reports_with_ledger

_NEWEST_REPORTS: Final = 50
_FIRST_YEAR, _LAST_YEAR = 1971, 2200
_FRAGMENTS: Final = {
    "latest": "device/_latest.html",
    "readings": "device/_reading_table.html",
    "reports": "device/_report_list.html",
}
Context: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Shown:
    """The device on the page, and what the reader may do with it."""

    request: PageRequest
    device: Device
    membership: OrgMembership | None

    def may(self, permission: str) -> bool:
        return self.membership is not None and self.membership.may(permission)


@page
def device(request: PageRequest, slug: str) -> HttpResponse:
    shown = shown_device(request, slug)
    tab = request.GET.get("tab", "")
    context = device_context(shown, tab if tab in _TABS else "overview")
    fragment = _FRAGMENTS.get(request.htmx.target or "")
    return render(request, fragment or "device/page.html", context | {"fragment": fragment is not None})


def shown_device(request: PageRequest, slug: str) -> Shown:
    found = devices.device_for(request.user, slug)
    return Shown(request, found, membership_in(request.user, found.org) if found.org else None)


def device_context(shown: Shown, tab: str) -> Context:
    return {
        "device": shown.device,
        "now": timezone.now(),
        "tab": tab,
        "may_read_data": shown.may("can_read_stream_data"),
        "may_upload": shown.may("can_create_stream_data"),
        "may_repair": shown.may("can_modify_device"),
    } | _TABS[tab](shown)


def _overview(shown: Shown) -> Context:
    of_device = list(streams.streams_of_device(shown.request.user, shown.device))
    latest = when_reachable(lambda: streams.latest_values(of_device))
    spoken = [stream for stream in of_device if stream.key in (latest or {})]
    stream = _chosen(shown, [*spoken, *of_device])
    form = WindowForm(shown.request.GET)
    window = window_of(form, now=timezone.now()) if form.is_valid() else None
    return {
        "reachable": latest is not None,
        "values": latest_values(of_device, latest or {}),
        "stream": stream,
        "window_form": form,
        "window": window,
        "csv": csv_address(stream, start=window.start, end=window.end) if stream and window else None,
        "ranges": {name: label for name, (label, _) in RANGES.items()},
    }


def _readings(shown: Shown) -> Context:
    of_device = list(streams.streams_of_device(shown.request.user, shown.device))
    stream = _chosen(shown, of_device)
    form = WindowForm(shown.request.GET)
    number = page_number(shown.request)
    context: Context = {"streams": of_device, "stream": stream, "window_form": form, "number": number}
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


def _reports(shown: Shown) -> Context:
    user, day = shown.request.user, _day(shown)
    reports = _reports_of(shown, day)
    return {
        "day": day,
        "reports": reports_with_ledger(reports or []),
        "day_reachable": reports is not None,
        "refused": ingest.refused_uploads_of_device(user, shown.device, limit=_NEWEST_REPORTS),
        "limit": _NEWEST_REPORTS,
        "form": UploadForm(),
    }


def _reports_of(shown: Shown, day: date | None) -> list[StreamerReport] | None:
    """The newest, or those of one day, which only the stream-data database knows: None while it is away."""
    user, device = shown.request.user, shown.device
    if day is None:
        return ingest.newest_reports(user, [device], limit=_NEWEST_REPORTS)
    zone = readers_zone()
    return when_reachable(lambda: ingest.reports_of_day(user, device, day, zone=zone, limit=_NEWEST_REPORTS))


def _day(shown: Shown) -> date | None:
    """That was asked for; None for what is no day of our time."""
    try:
        day = date.fromisoformat(shown.request.GET.get("day", ""))
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year < _LAST_YEAR else None


def _health(shown: Shown) -> Context:
    return health_context(shown.device, may_modify=shown.may("can_modify_device"))


def _repair(shown: Shown) -> Context:
    return repairs_context(shown.request.user, shown.device, shown.request.GET.dict())


def _chosen(shown: Shown, candidates: list[StreamId]) -> StreamId | None:
    """The stream that was asked for, else the first."""
    wanted = shown.request.GET.get("stream")
    asked = (stream for stream in candidates if stream.slug == wanted)
    return next(asked, candidates[0] if candidates else None)


_TABS: Final[dict[str, Callable[[Shown], Context]]] = {
    "overview": _overview,
    "readings": _readings,
    "reports": _reports,
    "repair": _repair,
    "health": _health,
}
