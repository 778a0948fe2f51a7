"""The overview: projects, silent devices, newest reports."""

from datetime import datetime, timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from server.apps.accounts.selectors.accounts import orgs_of
from server.apps.devices.selectors.devices import (
    is_unchecked,
    projects_with_activity,
    recently_heard_devices_of,
    silent_devices_of,
)
from server.apps.ingest import selectors as ingest
from server.apps.ingest.models import StreamerReport
from server.core.listening import listening_since
from webapp.forms.time_ranges import DEFAULT_RANGE, FIRST_MOMENT, RANGES, range_query
from webapp.views.page import PageRequest, page
from webapp.views.reports import reports_with_ledger

_MOST_SILENT: Final = 8
_NEWEST_REPORTS: Final = 10
# More than the list shows: the time of a device's last report is written only every few seconds.
_RECENT_DEVICES: Final = 30
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)  # the end of a range is exclusive
_STILL_IN_THE_CHART: Final = RANGES[DEFAULT_RANGE][1] / 2


@page
def home(request: PageRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    projects = projects_with_activity(user, now=now)
    recent = recently_heard_devices_of(user, limit=_RECENT_DEVICES)
    reports = reports_with_ledger(ingest.newest_reports(user, recent, limit=_NEWEST_REPORTS))
    silent, since = list(silent_devices_of(user, now=now)[:_MOST_SILENT]), listening_since(now=now)
    context = {
        "now": now,
        "orgs": list(orgs_of(user)) if not projects else [],
        "projects": projects,
        "device_count": sum(activity.devices for activity in projects),
        "silent_count": sum(activity.silent for activity in projects),
        "silent": silent,
        "unchecked": {each.pk for each in silent if is_unchecked(each, now=now, listening_since=since)},
        "reports": [(row, _chart_address(row.report, now=now)) for row in reports.rows],
        "reachable": reports.reachable,
    }
    return render(request, "home/page.html", context)


def _chart_address(report: StreamerReport, *, now: datetime) -> str:
    """Returns the address of the chart up to now; for an older report, of the chart of the day
    before it was sent.

    The times of its readings are not known from the report row.
    """
    sent = report.sent_timestamp
    query = {}
    if now - sent > _STILL_IN_THE_CHART and sent - FIRST_MOMENT > _DAY:
        query = range_query(start=sent - _DAY, end=sent + _MINUTE)
    return reverse("device", args=[report.streamer.device.slug], query=query, fragment="chart-panel")
