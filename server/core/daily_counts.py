"""How many there were of everything, a row a day and name: what a chart of months is drawn from."""

from collections.abc import Mapping
from datetime import date

from server.core.queue.models import DailyCount


def record_counts(day: date, counts: Mapping[str, int]) -> None:
    """What is known of the day already is replaced: the last count of a day stays."""
    DailyCount.objects.bulk_create(
        [DailyCount(day=day, name=name, count=count) for name, count in counts.items()],
        update_conflicts=True,
        unique_fields=["day", "name"],
        update_fields=["count"],
    )


def daily_counts(*, since: date) -> list[DailyCount]:
    """By day and name, from that day on."""
    return list(DailyCount.objects.filter(day__gte=since).order_by("day", "name"))
