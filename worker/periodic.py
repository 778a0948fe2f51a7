"""Periodic jobs. Every worker looks for due ones; the one that updates the row of a job posts it,
in the same transaction, so each is posted once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from server.apps.accounts.jobs import CleanAccounts
from server.apps.devices.jobs import CheckDeviceHealth, FreeStuckDevices
from server.apps.ingest.jobs import (
    CheckStreamData,
    CleanRefusedUploads,
    CleanReportFiles,
    KeepDailyCounts,
    RequeueWaitingReports,
)
from server.apps.lifecycle.jobs import CheckRollups, ForgetOldRepairs
from server.apps.streams.jobs import MakePartitions
from server.core.jobs import CleanDurableEntries
from server.core.queue import JobPayload, enqueue
from server.core.queue.jobs import (
    CheckWorkerHealth,
    CleanJobLog,
    CleanWorkerProcesses,
    CollectWorkerStatistics,
    SweepOutbox,
)
from server.core.queue.models import PeriodicRun
from server.core.rest.jobs import CleanIdempotentAnswers
from worker.middleware.base import Middleware

CHECK_EVERY_S: Final = 5.0
NOTHING: Final = timedelta(0)
JUST_NOW: Final = timedelta(minutes=1)
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY_S: Final = 86400


@dataclass(frozen=True, slots=True)
class Periodic:
    job: JobPayload
    every_seconds: int


PERIODIC: Final = (
    Periodic(SweepOutbox(), every_seconds=30),
    Periodic(MakePartitions(), every_seconds=DAY_S),
    Periodic(CleanJobLog(), every_seconds=DAY_S),
    Periodic(CleanWorkerProcesses(), every_seconds=DAY_S),
    Periodic(CheckWorkerHealth(), every_seconds=300),
    Periodic(CollectWorkerStatistics(), every_seconds=3600),
    Periodic(CleanIdempotentAnswers(), every_seconds=3600),
    Periodic(CleanDurableEntries(), every_seconds=600),
    Periodic(CheckDeviceHealth(), every_seconds=300),
    Periodic(FreeStuckDevices(), every_seconds=600),
    Periodic(CleanAccounts(), every_seconds=DAY_S),
    Periodic(CleanRefusedUploads(), every_seconds=3600),
    Periodic(CleanReportFiles(), every_seconds=DAY_S),
    Periodic(CheckStreamData(), every_seconds=3600),
    Periodic(KeepDailyCounts(), every_seconds=6 * 3600),
    Periodic(CheckRollups(), every_seconds=DAY_S),
    Periodic(ForgetOldRepairs(), every_seconds=DAY_S),
    Periodic(RequeueWaitingReports(), every_seconds=300),
)


def post_due_jobs(table: Sequence[Periodic]) -> list[str]:
    """Post the jobs that are due; one that never ran is. Returns the names of those that this call
    posted."""
    ages = dict(PeriodicRun.objects.values_list("name", Now() - F("last_on")))
    due = [each for each in table if _is_due(ages.get(each.job.action, NOTHING), each)]
    return [each.job.action for each in due if _post_if_due(each)]


def _is_due(age: timedelta, each: Periodic) -> bool:
    """A job posted in the future is due too: the database's clock was set back since. Within a
    minute, another worker has just posted it."""
    return age < -JUST_NOW or age >= timedelta(seconds=each.every_seconds)


def _post_if_due(each: Periodic) -> bool:
    """Uses the database's clock, so that workers on several machines agree."""
    long_ago = Q(last_on__lte=Now() - timedelta(seconds=each.every_seconds))
    with transaction.atomic():
        claimed = PeriodicRun.objects.filter(
            long_ago | Q(last_on__gt=Now() + JUST_NOW), name=each.job.action
        ).update(last_on=Now())
        if claimed:
            enqueue(each.job)
    return bool(claimed)


class PostPeriodicJobs(Middleware):
    """Posts due jobs between two jobs, every few seconds."""

    def __init__(self, table: Sequence[Periodic] = PERIODIC) -> None:
        self._table = table
        self._known = False
        self._next_check_s = 0.0

    def before_receive(self) -> None:
        now = time.monotonic()
        if now < self._next_check_s:
            return
        self._next_check_s = now + CHECK_EVERY_S
        self._make_rows()
        post_due_jobs(self._table)

    def _make_rows(self) -> None:
        if not self._known:
            rows = [PeriodicRun(name=each.job.action, last_on=NEVER) for each in self._table]
            PeriodicRun.objects.bulk_create(rows, ignore_conflicts=True)
            self._known = True
