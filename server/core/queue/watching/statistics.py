"""How the jobs went, day by day, for longer than the worker log remembers."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from server.core.queue.log import current_log
from server.core.queue.log.base import ActionRow
from server.core.queue.models import ActionDay

DAYS_BACK: Final = 7
"""Days that nobody counted at their time, since no worker ran. The log remembers 30."""
SETTLED_AFTER: Final = timedelta(minutes=5)
"""Then every row of a day that is over has been written."""
FIGURES: Final = ("done", "retried", "deferred", "dead", "p50_ms", "p95_ms", "total_ms")


def collect_days(*, now: datetime) -> list[date]:
    """Count the days that are over and not counted yet; returns those in which there was something. Run twice, it finds nothing
    more. Raises Unavailable when the worker log does not answer."""
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
