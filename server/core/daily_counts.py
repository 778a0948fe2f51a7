"""Daily counts of everything, one row per day and name, from which charts of months are drawn."""

from collections.abc import Mapping
from datetime import date

from server.core.queue.models import DailyCount


def record_counts(day: date, counts: Mapping[str, int]) -> None:
    """Record the counts of a day. They replace earlier ones of that day, so the last count
    stays."""
    DailyCount.objects.bulk_create(
        [DailyCount(day=day, name=name, count=count) for name, count in counts.items()],
        update_conflicts=True,
        unique_fields=["day", "name"],
        update_fields=["count"],
    )


def daily_counts(*, since: date) -> list[DailyCount]:
    """Returns the counts from that day on, by day and name."""
    return list(DailyCount.objects.filter(day__gte=since).order_by("day", "name"))
