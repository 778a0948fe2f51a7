"""The outbox: from a committed transaction to a queue outside the core database.

The row is written in the caller's transaction and sent after the commit. When sending fails, the
row stays and the sweeper sends it. A crash between sending and deleting sends it twice, which is
allowed.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import structlog
from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from server.core.errors import FieldlineError
from server.core.queue.contract import MAX_BATCH, MAX_DELAY_SECONDS, Message, Queue
from server.core.queue.models import OutboxMessage
from server.core.queue.wire import decode, encode

log = structlog.get_logger(__name__)

SWEEP_AFTER_S: Final = 10  # the process that wrote the row has this long to send it


def post(queue: Queue, message: Message, *, delay_seconds: int) -> None:
    """Write the message in the caller's transaction and send it on commit. Raises nothing when the
    queue is unavailable."""
    due_on = timezone.now() + timedelta(seconds=delay_seconds)
    OutboxMessage.objects.create(id=message.id, body=encode(message), due_on=due_on)
    transaction.on_commit(lambda: _send_now(queue, message, delay_seconds), robust=True)


def _send_now(queue: Queue, message: Message, delay_seconds: int) -> None:
    try:
        queue.send([message], delay_seconds=delay_seconds)
        OutboxMessage.objects.filter(pk=message.id).delete()
    except (FieldlineError, DatabaseError) as error:
        log.warning("message left to the sweeper", job=message.id, action=message.action, reason=str(error))


def sweep(queue: Queue, *, limit: int) -> int:
    """Send what is still there, oldest first. Returns how many. Raises Unavailable when the queue
    does not answer; what was sent before is not sent again."""
    swept = 0
    while swept < limit:
        count = _sweep_batch(queue, min(MAX_BATCH, limit - swept))
        swept += count
        if not count:
            break
    return swept


def _sweep_batch(queue: Queue, most: int) -> int:
    with transaction.atomic():
        late = OutboxMessage.objects.filter(created_on__lt=Now() - timedelta(seconds=SWEEP_AFTER_S))
        rows = list(late.select_for_update(skip_locked=True).order_by("created_on")[:most])
        for delay_seconds, messages in _by_delay(rows).items():
            queue.send(messages, delay_seconds=delay_seconds)
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _by_delay(rows: Iterable[OutboxMessage]) -> dict[int, list[Message]]:
    """Returns the messages by what is left of their delay, in seconds; mostly 0."""
    found: dict[int, list[Message]] = {}
    for row in rows:
        message = decode(row.body)
        if message is None:
            log.error("outbox row is not a message", job=str(row.pk))
            continue
        left = round((row.due_on - timezone.now()).total_seconds())
        found.setdefault(min(max(0, left), MAX_DELAY_SECONDS), []).append(message)
    return found
