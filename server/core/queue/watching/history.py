"""Past runs of jobs, and the status of one. For the pages and `/pid/`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.conf import settings

from server.core.queue.contract import Outcome
from server.core.queue.log import current_log
from server.core.queue.log.base import ActionRow, RunRow
from server.core.queue.models import Job, OutboxMessage, WorkerProcess
from server.core.queue.watching.workers import ALIVE_WITHIN
from server.core.queue.wire import decode, message_prefix


def actions_since(since: datetime) -> list[ActionRow]:
    """Returns statistics by Action from the worker log. Raises Unavailable when the log does not
    answer."""
    return current_log().tallies(since=since, until=None)


def runs(
    *, action: str = "", outcome: str = "", before: datetime | None = None, most: int = 50
) -> list[RunRow]:
    """Returns runs, the newest first. Raises Unavailable when the log does not answer."""
    return current_log().runs(action=action, outcome=outcome, before=before, most=most)


def runs_of(message_id: str) -> list[RunRow]:
    """Returns all runs of one job, the newest first. Raises Unavailable when the log does not
    answer."""
    return current_log().runs_of(message_id)


class JobState(StrEnum):
    """The same states as those of an operation (`activity.models.Operation`)."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The state of one job."""

    action: str  # "" when its message cannot be read
    state: JobState
    detail: str = ""
    finished_on: datetime | None = None


STATE_OF_OUTCOME: Final = {
    Outcome.DONE: JobState.DONE,
    Outcome.DEAD: JobState.FAILED,
    Outcome.RETRIED: JobState.SCHEDULED,
    Outcome.DEFERRED: JobState.SCHEDULED,
}
FINAL: Final = frozenset({JobState.DONE, JobState.FAILED})


def job_status(message_id: str, *, now: datetime) -> JobStatus | None:
    """Find a job by its message's id. Returns None when it is unknown; on SQS, which cannot look up
    a message, so is one that has left the outbox and has not started. Raises Unavailable when the
    worker log does not answer."""
    if not message_id.isascii() or "\0" in message_id:
        return None  # not an id of ours, and PostgreSQL refuses NUL
    if waits := _find_on_queue(message_id, now):
        return waits
    past = runs_of(message_id)
    ended = past[0] if past else None
    if ended is not None and STATE_OF_OUTCOME[Outcome(ended.outcome)] in FINAL:
        return _from_log(ended)
    if running := _find_running(message_id, now):
        return running
    if ended is not None:
        return _from_log(ended)
    return _find_in_outbox(message_id)


def _find_on_queue(message_id: str, now: datetime) -> JobStatus | None:
    """Only where the queue is a table. Scans all waiting jobs, so do not use it on a page that
    everybody opens."""
    if settings.QUEUE_BACKEND != "postgres":
        return None
    row = Job.objects.filter(body__startswith=message_prefix(message_id)).first()
    if row is None:
        return None
    running = row.in_hand and row.available_on > now
    return JobStatus(_action_of(row.body), JobState.RUNNING if running else JobState.SCHEDULED)


def _find_running(message_id: str, now: datetime) -> JobStatus | None:
    """Looks into the last heartbeats."""
    since = now - ALIVE_WITHIN
    rows = WorkerProcess.objects.filter(seen_on__gte=since, in_hand__contains=[{"id": message_id}])
    row = rows.first()
    if row is None:
        return None
    [action, *_] = [job["action"] for job in row.in_hand if job["id"] == message_id]
    return JobStatus(action, JobState.RUNNING)


def _from_log(run: RunRow) -> JobStatus:
    state = STATE_OF_OUTCOME[Outcome(run.outcome)]
    return JobStatus(run.action, state, run.detail, run.finished_on if state in FINAL else None)


def _find_in_outbox(message_id: str) -> JobStatus | None:
    try:
        row = OutboxMessage.objects.filter(pk=UUID(message_id)).first()
    except ValueError:
        return None
    return JobStatus(_action_of(row.body), JobState.SCHEDULED) if row is not None else None


def _action_of(body: str) -> str:
    message = decode(body)
    return message.action if message is not None else ""
