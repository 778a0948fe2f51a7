"""What a worker process says of itself, and the forgetting of those that are gone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models.functions import Now

from server.core.queue.models import WorkerProcess

KEEP: Final = timedelta(days=1)
CHANGES: Final = ("jobs_at_a_time", "seen_on", "stopped_on", "in_hand", "done", "failed")


@dataclass(frozen=True, slots=True)
class Beat:
    id: UUID
    host: str
    pid: int
    jobs_at_a_time: int
    done: int
    failed: int
    in_hand: Sequence[dict[str, Any]] = field(default=())  # [{"action", "id", "since"}]
    stopped: bool = False


def beat(said: Beat) -> None:
    """One statement; the clock is the database's."""
    row = WorkerProcess(
        id=said.id,
        host=said.host,
        pid=said.pid,
        jobs_at_a_time=said.jobs_at_a_time,
        seen_on=Now(),
        stopped_on=Now() if said.stopped else None,
        in_hand=list(said.in_hand),
        done=said.done,
        failed=said.failed,
    )
    WorkerProcess.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=CHANGES
    )


def clean_worker_processes(*, now: datetime) -> int:
    """Forget those not seen for a day; returns how many."""
    count, _ = WorkerProcess.objects.filter(seen_on__lt=now - KEEP).delete()
    return count
