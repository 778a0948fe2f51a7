"""The worker processes: their heartbeats, and which of them are alive. For the worker and the
pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models.functions import Now

from server.core.queue.models import WorkerProcess

KEEP: Final = timedelta(days=1)
ALIVE_WITHIN: Final = timedelta(seconds=30)
"""Three heartbeats: one may be late, and one lost."""
CHANGES: Final = ("jobs_at_a_time", "seen_on", "stopped_on", "in_hand", "done", "failed")


@dataclass(frozen=True, slots=True)
class WorkerHeartbeat:
    id: UUID
    host: str
    pid: int
    jobs_at_a_time: int
    done: int
    failed: int
    in_flight: Sequence[dict[str, Any]] = field(default=())  # [{"action", "id", "since"}]
    stopped: bool = False


def record_heartbeat(heartbeat: WorkerHeartbeat) -> None:
    """Write a heartbeat, in one statement and by the database's clock."""
    row = WorkerProcess(
        id=heartbeat.id,
        host=heartbeat.host,
        pid=heartbeat.pid,
        jobs_at_a_time=heartbeat.jobs_at_a_time,
        seen_on=Now(),
        stopped_on=Now() if heartbeat.stopped else None,
        in_hand=list(heartbeat.in_flight),
        done=heartbeat.done,
        failed=heartbeat.failed,
    )
    WorkerProcess.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=CHANGES
    )


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    host: str
    pid: int
    alive: bool
    seen_on: datetime
    started_on: datetime
    stopped_on: datetime | None
    in_flight: list[dict[str, Any]]  # [{"action", "id", "since"}], as of its last heartbeat
    done: int
    failed: int
    jobs_at_a_time: int


def workers(now: datetime) -> list[WorkerStatus]:
    """Returns the live workers first, then by when they were last seen."""
    seen = [_worker(row, now) for row in WorkerProcess.objects.order_by("-seen_on", "host", "pid")]
    return sorted(seen, key=lambda worker: not worker.alive)


def _worker(row: WorkerProcess, now: datetime) -> WorkerStatus:
    return WorkerStatus(
        host=row.host,
        pid=row.pid,
        alive=row.stopped_on is None and now - row.seen_on <= ALIVE_WITHIN,
        seen_on=row.seen_on,
        started_on=row.started_on,
        stopped_on=row.stopped_on,
        in_flight=row.in_hand,
        done=row.done,
        failed=row.failed,
        jobs_at_a_time=row.jobs_at_a_time,
    )


def clean_worker_processes(*, now: datetime) -> int:
    """Delete those not seen for a day. Returns how many."""
    count, _ = WorkerProcess.objects.filter(seen_on__lt=now - KEEP).delete()
    return count
