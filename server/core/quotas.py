"""Quotas: how much a caller may use on one day (UTC), and counting its requests of the API.

Each process counts requests in memory and adds to the rows of the day every few seconds, all
callers in one statement. So counting costs a request no query, and a quota is exceeded by what
comes within these seconds, at most. Redis would count exactly, but forgets on a restart (decision
0014) and would be asked for each request.
"""

import threading
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, models

from server.core.errors import QuotaExceeded

ADD_EVERY_S: Final = 5.0


class RequestDay(models.Model):
    """The requests of a caller on one day. Whose they are is known by id only, so that the rows
    outlive an organisation or an account without a reference to it."""

    caller = models.CharField(max_length=64)
    day = models.DateField()
    requests = models.PositiveBigIntegerField()

    class Meta:
        app_label = "core"
        constraints = [models.UniqueConstraint(fields=["caller", "day"], name="one_row_a_caller_and_day")]

    def __str__(self) -> str:
        return f"{self.caller} {self.day}: {self.requests}"


@dataclass(slots=True)
class _Use:
    """Of a caller on a day, as far as this process knows. `new_requests` are not yet in the row."""

    day: date
    requests: int = 0
    new_requests: int = 0


_ADD: Final = f"""
    INSERT INTO {RequestDay._meta.db_table} AS so_far (caller, day, requests)
    SELECT * FROM unnest(%s::text[], %s::date[], %s::bigint[]) ORDER BY 1, 2
    ON CONFLICT (caller, day) DO UPDATE SET requests = so_far.requests + excluded.requests
    RETURNING caller, day, requests
"""
_uses: Final[dict[str, _Use]] = {}
_lock: Final = threading.Lock()
_next_add_at_s = 0.0


def org_caller(org_id: UUID) -> str:
    return f"org {org_id}"


def account_caller(account_id: int) -> str:
    return f"account {account_id}"


def count_request(caller: str, *, whose: str, most: int, now: datetime) -> None:
    """Count a request of the caller (`org_caller`, `account_caller`). Raises QuotaExceeded with
    `whose` quota is used up; then it is not counted."""
    _add_when_due(now.date())
    with _lock:
        use = _uses.get(caller)
        if use is None or use.day != now.date():
            use = _uses[caller] = _Use(now.date())
        check_quota(f"{most} requests", use.requests + use.new_requests + 1, most, now=now, whose=whose)
        use.new_requests += 1


def check_quota(what: str, used: int, most: int, *, now: datetime, whose: str = "The organisation") -> None:
    """`what` has the number and its unit; `most` 0 is no limit. Raises QuotaExceeded."""
    if most and used > most:
        tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        raise QuotaExceeded(
            f"{whose} has used its {what} of today. The next day begins at 00:00 UTC.",
            retry_after_s=max(1, round((tomorrow - now).total_seconds())),
        )


def requests_on(caller: str, day: date) -> int:
    """Returns how many requests were counted; a few seconds late."""
    found = RequestDay.objects.filter(caller=caller, day=day).values_list("requests", flat=True)
    return found.first() or 0


def delete_request_days(*, before: date) -> int:
    deleted, _ = RequestDay.objects.filter(day__lt=before).delete()
    return deleted


def _add_when_due(today: date) -> None:
    global _next_add_at_s  # one clock for the process
    with _lock:
        if time.monotonic() < _next_add_at_s:
            return
        _next_add_at_s = time.monotonic() + ADD_EVERY_S
        new = _take_new(today)
    if new:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [list(column) for column in zip(*new, strict=True)])
            rows = cursor.fetchall()
        with _lock:
            for caller, day, requests in rows:
                use = _uses.get(caller)
                if use is not None and use.day == day:
                    use.requests = requests


def _take_new(today: date) -> list[tuple[str, date, int]]:
    """Returns what is to be added, as (caller, day, requests). Drops the uses of former days."""
    new = [(caller, use.day, use.new_requests) for caller, use in _uses.items() if use.new_requests]
    for caller, use in list(_uses.items()):
        use.requests, use.new_requests = use.requests + use.new_requests, 0
        if use.day != today:
            del _uses[caller]
    return new
