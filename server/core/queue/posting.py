"""Posting jobs to the queue."""

import dataclasses
import uuid
from collections.abc import Callable
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from server.core.lanes import Lane
from server.core.queue import outbox
from server.core.queue.backends import current_queue
from server.core.queue.contract import MAX_DELAY_SECONDS, JobPayload, Message

log = structlog.get_logger(__name__)

InlineRunner = Callable[[Message], None]
_inline_runner: InlineRunner | None = None


def enqueue(job: JobPayload, *, org: UUID | None = None, delay_seconds: int = 0) -> str:
    """Post a job in the caller's transaction. `org`: whose work it is; None: the installation's
    own. Returns the id of its message.

    Nothing is posted when the transaction rolls back. With USE_WORKER=False the job runs in this
    process after the commit, whatever its delay; its failure is logged and not raised.
    """
    if not 0 <= delay_seconds <= MAX_DELAY_SECONDS:
        raise ValueError(f"A delay is 0 to {MAX_DELAY_SECONDS} seconds, not {delay_seconds}.")
    message = message_of(job, org=org)
    if not settings.USE_WORKER:
        transaction.on_commit(lambda: _run_inline(message), robust=True)
        return message.id
    queue = current_queue()
    if queue.transactional:
        queue.send([message], delay_seconds=delay_seconds)
    else:
        outbox.post(queue, message, delay_seconds=delay_seconds)
    return message.id


def message_of(job: JobPayload, *, org: UUID | None = None) -> Message:
    return Message(
        id=str(uuid.uuid4()),
        action=job.action,
        arguments={each.name: getattr(job, each.name) for each in dataclasses.fields(job)},
        key=job.order_key,
        org="" if org is None else str(org),
        lane=getattr(job, "lane", Lane.SHORT),
    )


def sweep_outbox(*, limit: int) -> int:
    """Send messages that could not be sent on commit. Returns how many. Raises Unavailable when the
    queue does not answer."""
    queue = current_queue()
    if brought := queue.bring_forward():
        log.warning("the clock of the queue was set back: jobs brought forward", count=brought)
    return outbox.sweep(queue, limit=limit)


def set_inline_runner(runner: InlineRunner) -> None:
    """Register how to run a message: the worker is above `core` and cannot be imported here."""
    global _inline_runner
    _inline_runner = runner


def _run_inline(message: Message) -> None:
    if _inline_runner is None:
        raise RuntimeError("USE_WORKER is off, but the worker is not in INSTALLED_APPS.")
    _inline_runner(message)
