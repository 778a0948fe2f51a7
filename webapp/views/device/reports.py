"""The reports of a device with their ledgers, its refused uploads, and a form to upload a
report."""

from datetime import date
from typing import Final

from server.apps.ingest import selectors as ingest
from server.apps.ingest.models import StreamerReport
from webapp.forms.device import UploadForm
from webapp.views.device.health import readers_zone
from webapp.views.device.visit import Context, DeviceVisit
from webapp.views.page import when_reachable
from webapp.views.reports import reports_with_ledger

_NEWEST_REPORTS: Final = 50
_FIRST_YEAR, _LAST_YEAR = 1971, 2200


def reports_context(visit: DeviceVisit) -> Context:
    user, day = visit.request.user, _day(visit)
    reports = _reports_of(visit, day)
    return {
        "may_upload": visit.may("can_create_stream_data"),
        "day": day,
        "reports": reports_with_ledger(reports or []),
        "day_reachable": reports is not None,
        "refused": ingest.refused_uploads_of_device(user, visit.device, limit=_NEWEST_REPORTS),
        "limit": _NEWEST_REPORTS,
        "form": UploadForm(),
    }


def _reports_of(visit: DeviceVisit, day: date | None) -> list[StreamerReport] | None:
    """Returns the newest reports, or those of a day; None for a day while the stream-data database
    is unavailable."""
    user, device = visit.request.user, visit.device
    if day is None:
        return ingest.newest_reports(user, [device], limit=_NEWEST_REPORTS)
    zone = readers_zone()
    return when_reachable(lambda: ingest.reports_of_day(user, device, day, zone=zone, limit=_NEWEST_REPORTS))


def _day(visit: DeviceVisit) -> date | None:
    """Returns the day in the query; None without a valid one."""
    try:
        day = date.fromisoformat(visit.request.GET.get("day", ""))
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year < _LAST_YEAR else None
