"""One line in the log and one row in the worker log for each run of a job, without secrets.

The row travels with the acknowledgement (`run.record`), so it costs no query of its own on PostgreSQL and is there exactly
when the message is gone.
"""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

import structlog

from server.core.queue import Counts, JobRecord, Message, Outcome
from worker.jobrun import Again, Dead, Done, JobRun
from worker.middleware.base import Middleware
from worker.middleware.retries import in_a_line

log = structlog.get_logger(__name__)

SECRET: Final = re.compile(r"passw|secret|token|private|credential|api_?key", re.IGNORECASE)
MASK: Final = "***"
UNREADABLE: Final = Message(id="", action="", arguments={})
MAX_DETAIL: Final = 500


class Logging(Middleware):
    def before(self, run: JobRun) -> None:
        message = run.delivery.message or UNREADABLE
        structlog.contextvars.bind_contextvars(job=message.id, action=message.action)

    def after(self, run: JobRun) -> None:
        """The first in the list, so the last to see the verdict."""
        outcome, detail = _ending(run)
        message = run.delivery.message or UNREADABLE
        run.record = JobRecord(
            message_id=message.id,
            action=message.action,
            arguments=without_secrets(message.arguments, type(run.job)),
            attempt=run.delivery.attempt,
            outcome=outcome,
            duration_ms=round(run.seconds() * 1000, 3),
            detail=detail[-MAX_DETAIL:],
        )
        _write_line(run, run.record)
        structlog.contextvars.unbind_contextvars("job", "action")


def without_secrets(arguments: Mapping[str, Any], payload: type) -> Mapping[str, Any]:
    """A field is secret by its name, or by `field(metadata={"secret": True})`."""
    marked = {f.name for f in fields(payload) if f.metadata.get("secret")} if is_dataclass(payload) else set()
    return {
        name: MASK if name in marked or SECRET.search(name) else value for name, value in arguments.items()
    }


def _ending(run: JobRun) -> tuple[Outcome, str]:
    match run.verdict:
        case Done():
            return Outcome.DONE, ""
        case Dead(reason):
            return Outcome.DEAD, reason
        case Again(counts=Counts.ATTEMPT, reason=reason):
            return Outcome.RETRIED, reason
        case Again(reason=reason):
            return Outcome.DEFERRED, reason
        case None:
            return Outcome.RETRIED, in_a_line(run.error) if run.error else ""


def _write_line(run: JobRun, record: JobRecord) -> None:
    told: dict[str, Any] = {"attempt": record.attempt, "duration_ms": record.duration_ms}
    if record.outcome is Outcome.DONE:
        log.info("job done", **told)
    elif record.outcome is Outcome.DEAD:
        log.error("job dead", reason=record.detail, **told)
    else:
        log.warning("job comes again", outcome=record.outcome.value, reason=record.detail, **told)
