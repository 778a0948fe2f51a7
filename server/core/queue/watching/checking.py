"""Health checks of the queue: what is wrong, and which of it is new."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from server.core.queue.backends import current_queue
from server.core.queue.models import WorkerCheck

NOTIFY_AGAIN_AFTER: Final = timedelta(hours=1)
"""More dead letters within this time are the same incident."""


@dataclass(frozen=True, slots=True)
class Finding:
    name: str  # "dead-letters" or "waiting"
    about: str
    bad_since: datetime
    is_new: bool  # staff have not been notified of it yet


@dataclass(frozen=True, slots=True)
class Measurement:
    name: str
    figure: int
    limit: int
    about: str


@transaction.atomic
def check_worker(*, now: datetime, longest_wait_minutes: int) -> list[Finding]:
    """Returns what is wrong now. New findings count as notified when the caller's transaction
    commits. Raises Unavailable."""
    found = (_finding_of(each, now) for each in _measurements(longest_wait_minutes))
    return [finding for finding in found if finding is not None]


def _measurements(longest_wait_minutes: int) -> Iterator[Measurement]:
    depth = current_queue().depth()
    yield Measurement("dead-letters", depth.dead, 0, f"Dead letters: {depth.dead}.")
    waited_min = int((depth.oldest_waiting_s or 0) // 60)
    about = f"The oldest of {depth.waiting} waiting jobs has been due for {waited_min} minutes."
    yield Measurement("waiting", waited_min, longest_wait_minutes, about)


def _finding_of(measurement: Measurement, now: datetime) -> Finding | None:
    WorkerCheck.objects.bulk_create([WorkerCheck(name=measurement.name)], ignore_conflicts=True)
    check = WorkerCheck.objects.select_for_update().get(pk=measurement.name)
    if measurement.figure <= measurement.limit:
        check.bad_since, check.told_on, check.told = None, None, 0
        check.save()
        return None
    check.bad_since = check.bad_since or now
    is_new = _is_new_incident(check, measurement, now)
    if is_new:
        check.told_on, check.told = now, measurement.figure
    elif measurement.name == "dead-letters":
        check.told = min(check.told, measurement.figure)  # some were handled; the next one is a new incident
    check.save()
    return Finding(measurement.name, measurement.about, check.bad_since, is_new)


def _is_new_incident(check: WorkerCheck, measurement: Measurement, now: datetime) -> bool:
    """A longer wait is the same incident; more dead letters are a new one, but not within
    NOTIFY_AGAIN_AFTER."""
    if check.told_on is None:
        return True
    others = measurement.name == "dead-letters" and measurement.figure > check.told
    return others and now - check.told_on >= NOTIFY_AGAIN_AFTER
