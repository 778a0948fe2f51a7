"""Statistics of jobs by day, kept for longer than the worker log."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from server.core.queue.log import current_log
from server.core.queue.log.base import ActionRow
from server.core.queue.models import ActionDay

DAYS_BACK: Final = 7
"""Counted later when no worker ran at the time. The log has 30 days."""
SETTLED_AFTER: Final = timedelta(minutes=5)
"""By then every row of the past day has been written."""
FIGURES: Final = ("done", "retried", "deferred", "dead", "p50_ms", "p95_ms", "total_ms")


def collect_days(*, now: datetime) -> list[date]:
    """Count the past days that are not counted yet. Returns those that had jobs. Raises Unavailable
    when the worker log does not answer."""
    today = (now - SETTLED_AFTER).astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]
    counted = set(ActionDay.objects.filter(day__gte=days[0]).values_list("day", flat=True))
    return [day for day in days if day not in counted and _collect(day)]


def _collect(day: date) -> bool:
    begins = datetime.combine(day, time(), UTC)
    tallies = current_log().tallies(since=begins, until=begins + timedelta(days=1))
    rows = [_row(day, tally) for tally in tallies]
    ActionDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["day", "action"], update_fields=FIGURES
    )
    return bool(rows)


def _row(day: date, tally: ActionRow) -> ActionDay:
    return ActionDay(
        day=day,
        action=tally.action,
        done=tally.done,
        retried=tally.retried,
        deferred=tally.deferred,
        dead=tally.dead,
        p50_ms=tally.p50_ms,
        p95_ms=tally.p95_ms,
        total_ms=tally.total_ms,
    )
