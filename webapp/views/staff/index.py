"""The installation at a glance."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from server.apps.devices.selectors.devices import silent_devices_of
from server.apps.ingest import selectors as ingest
from server.core.daily_counts import daily_counts
from server.core.queue import current_queue
from server.core.queue.watching import pausing
from webapp.views.page import PageRequest, when_reachable
from webapp.views.staff.page import staff_page
from webapp.views.staff.tabs import navigation
from webapp.views.staff.worker import workers_now

_DAYS: Final = 7
_BETWEEN_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MOST_SILENT: Final = 10


@dataclass(frozen=True, slots=True)
class CountRow:
    """One count over the days of the table; None for a day without a count."""

    name: str
    counts: list[int | None]


@staff_page
def index(request: PageRequest) -> HttpResponse:
    now = timezone.now()
    silent = list(silent_devices_of(request.user, now=now, staff=True)[: _MOST_SILENT + 1])
    days, rows = _counts(now.date())
    context = {
        **navigation("staff"),
        "now": now,
        "pause": pausing.paused(),
        "workers": workers_now(now),
        "depth": when_reachable(current_queue().depth),
        "days": days,
        "counts": rows,
        "refused": ingest.count_refused_uploads(since=now - timedelta(days=1)),
        "silent": silent[:_MOST_SILENT],
        "more_silent": len(silent) > _MOST_SILENT,
    }
    return render(request, "staff/index.html", context)


def _counts(today: date) -> tuple[list[date], list[CountRow]]:
    """Returns the days that have counts, the newest first, and the rows."""
    found = daily_counts(since=today - timedelta(days=_DAYS))
    days = sorted({each.day for each in found}, reverse=True)[:_DAYS]
    by_name = {(each.name, each.day): each.count for each in found}
    names = sorted({each.name for each in found})
    return days, [CountRow(_in_words(name), [by_name.get((name, day)) for day in days]) for name in names]


def _in_words(name: str) -> str:
    """Returns `StreamerReports` as words, without the star that marks a sum."""
    return _BETWEEN_WORDS.sub(" ", name.rstrip("*")).capitalize()
