"""Factories for what operators see of the worker: workers, runs, dead letters, daily counts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from server.apps.ingest.models import RefusedUpload
from server.core.queue import Message, Outcome, current_queue
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.models import DailyCount, JobLog, WorkerProcess
from server.core.queue.wire import encode


def memory_queue() -> MemoryQueue:
    """The queue of these tests."""
    queue = current_queue()
    assert isinstance(queue, MemoryQueue)
    return queue


def make_worker(
    *,
    host: str = "rack-1",
    pid: int = 4711,
    seen_ago: timedelta = timedelta(seconds=2),
    stopped: bool = False,
    in_flight: Sequence[Mapping[str, Any]] = (),
) -> WorkerProcess:
    seen = timezone.now() - seen_ago
    return WorkerProcess.objects.create(
        id=uuid4(),
        host=host,
        pid=pid,
        started_on=seen - timedelta(hours=3),
        seen_on=seen,
        stopped_on=seen if stopped else None,
        in_hand=list(in_flight),
        done=1234,
        failed=5,
    )


def make_run(
    *,
    message_id: str | None = None,
    action: str = "process-report",
    outcome: Outcome = Outcome.DONE,
    ago: timedelta = timedelta(minutes=1),
    **more: Any,
) -> JobLog:
    values: dict[str, Any] = {"arguments": {"report_id": "r-1"}, "attempt": 1, "duration_ms": 12.5} | more
    return JobLog.objects.create(
        message_id=str(uuid4()) if message_id is None else message_id,
        action=action,
        outcome=outcome.value,
        finished_on=timezone.now() - ago,
        **values,
    )


def dead_letter(
    *,
    message: Message | None = None,
    message_id: str | None = None,
    body: str | None = None,
    reason: str = "ValueError: no",
) -> str:
    """Make a dead letter on the queue in memory; returns its handle."""
    queue = memory_queue()
    made = message or Message(str(uuid4()) if message_id is None else message_id, "note", {"text": "hello"})
    queue.send_body(encode(made) if body is None else body)
    [delivery] = queue.receive(most=1, wait_seconds=0, visible_after_seconds=60)
    queue.move_to_dead_letters(delivery, reason=reason)
    return queue.dead_letters(most=1)[0].handle


def make_everything(count: int) -> None:
    """Make `count` more of everything."""
    for number in range(count):
        make_worker(pid=number, in_flight=[{"id": str(uuid4()), "action": "note", "since": "2026-01-01"}])
        make_worker(pid=number, seen_ago=timedelta(hours=1))
        make_worker(pid=number, seen_ago=timedelta(hours=1), stopped=True)
        for outcome in Outcome:
            make_run(action=f"note-{number}", outcome=outcome)
        dead_letter()
        dead_letter(body="not a message")
        RefusedUpload.objects.create(reason=f"bad-hash-{number}", message="No.")
        day = datetime.now(UTC).date() - timedelta(days=number)
        DailyCount.objects.get_or_create(day=day, name=f"devices-{number}", defaults={"count": number})
