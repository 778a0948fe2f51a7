"""Home: what reports, what is silent, what came last."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from server.apps.accounts.selectors import orgs_of
from server.apps.devices import selectors as devices
from server.apps.ingest import selectors as ingest
from webapp.views.page import PageRequest, page
from webapp.views.reports import reports_with_ledger

_MOST_SILENT: Final = 8
_NEWEST_REPORTS: Final = 10
# More than can be in the list: when a device was heard last is only noted every few seconds.
_HEARD: Final = 30


@page
def home(request: PageRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    projects = devices.projects_with_activity(user, now=now)
    heard = devices.recently_heard_devices_of(user, limit=_HEARD)
    reports = ingest.newest_reports(user, heard, limit=_NEWEST_REPORTS)
    context = {
        "now": now,
        "orgs": list(orgs_of(user)) if not projects else [],
        "projects": projects,
        "device_count": sum(activity.devices for activity in projects),
        "silent_count": sum(activity.silent for activity in projects),
        "silent": devices.silent_devices_of(user, now=now)[:_MOST_SILENT],
        "reports": reports_with_ledger(reports),
    }
    return render(request, "home/page.html", context)
