"""One line in the log and one row in the worker log for each run of a job, without secrets. The row
is written together with the acknowledgement (`run.record`), on PostgreSQL in the same statement."""

import json
import types
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

import structlog

from server.core.queue import Counts, JobRecord, Message, Outcome
from server.core.queue.log.masking import without_secrets
from worker.jobrun import Dead, Done, JobRun, Requeue
from worker.middleware.base import Middleware
from worker.middleware.retries import one_line

log = structlog.get_logger(__name__)

UNREADABLE: Final = Message(id="", action="", arguments={})
MAX_DETAIL: Final = 500
MAX_ARGUMENT: Final = 500  # characters of one, as text
MAX_ARGUMENTS: Final = 50
PLAIN: Final = (int, float, bool, types.NoneType)


class Logging(Middleware):
    def before(self, run: JobRun) -> None:
        message = run.delivery.message or UNREADABLE
        structlog.contextvars.bind_contextvars(job=message.id, action=message.action)

    def after(self, run: JobRun) -> None:
        """The outermost middleware, so the verdict is final here."""
        outcome, detail = outcome_of(run)
        message = run.delivery.message or UNREADABLE
        run.record = JobRecord(
            message_id=message.id,
            action=message.action,
            arguments=truncate_arguments(without_secrets(message.arguments, type(run.job))),
            attempt=run.delivery.attempt,
            outcome=outcome,
            duration_ms=round(run.seconds() * 1000, 3),
            detail=detail[-MAX_DETAIL:],
        )
        _write_line(run, run.record)
        structlog.contextvars.unbind_contextvars("job", "action")


def truncate_arguments(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns arguments small enough for a row of the log: a long value is cut, as text."""
    return {name[:100]: _truncate(value) for name, value in islice(arguments.items(), MAX_ARGUMENTS)}


def _truncate(value: object) -> object:
    if isinstance(value, PLAIN):
        return value
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return value if len(text) <= MAX_ARGUMENT else f"{text[:MAX_ARGUMENT]}…"


def outcome_of(run: JobRun) -> tuple[Outcome, str]:
    """Returns how a run ended, by its verdict, and why."""
    match run.verdict:
        case Done():
            return Outcome.DONE, ""
        case Dead(reason):
            return Outcome.DEAD, reason
        case Requeue(counts=Counts.ATTEMPT, reason=reason):
            return Outcome.RETRIED, reason
        case Requeue(reason=reason):
            return Outcome.DEFERRED, reason
        case None:
            return Outcome.RETRIED, one_line(run.error) if run.error else ""


def _write_line(run: JobRun, record: JobRecord) -> None:
    fields: dict[str, Any] = {"attempt": record.attempt, "duration_ms": record.duration_ms}
    if record.outcome is Outcome.DONE:
        log.info("job done", **fields)
    elif record.outcome is Outcome.DEAD:
        log.error("job dead", reason=record.detail, **fields)
    else:
        log.warning("job comes again", outcome=record.outcome.value, reason=record.detail, **fields)
