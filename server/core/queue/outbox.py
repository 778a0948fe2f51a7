"""The outbox: from a committed transaction to a queue outside the core database.

The row is written in the caller's transaction and sent after the commit. When sending fails, the
row stays and the sweeper sends it. A crash between sending and deleting sends it twice, which is
allowed.

On a queue that gives no turns an organisation has at most MOST_OF_ORG messages of a lane (decision
0016). There a row stays until its message is done; what is above is held back, the oldest is sent
when another one is done.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from server.core.errors import FieldlineError
from server.core.queue.contract import MAX_BATCH, MAX_DELAY_SECONDS, Message, Queue
from server.core.queue.models import OutboxMessage
from server.core.queue.wire import decode, encode

log = structlog.get_logger(__name__)

SWEEP_AFTER_S: Final = 10  # the process that wrote the row has this long to send it


MOST_OF_ORG: Final = 50  # enough to keep the workers busy, few enough to wait behind
LOST_AFTER: Final = timedelta(minutes=30)  # a message that was sent so long ago is not counted any more
LOST_FROM_EMPTY_AFTER: Final = timedelta(minutes=1)  # where the queue is empty

_TAKE_NEXT: Final = """
    WITH room AS (
        SELECT greatest(0, least(%(at_once)s, %(most)s - count(*))) AS places FROM core_outboxmessage
        WHERE org = %(org)s AND lane = %(lane)s AND sent_on IS NOT NULL
    ), next AS (
        SELECT id FROM core_outboxmessage WHERE org = %(org)s AND lane = %(lane)s AND sent_on IS NULL
        ORDER BY created_on LIMIT (SELECT places FROM room) FOR UPDATE SKIP LOCKED
    )
    UPDATE core_outboxmessage AS row SET sent_on = now() FROM next WHERE row.id = next.id
    RETURNING row.id, row.body, row.due_on
"""


def post(queue: Queue, message: Message, *, delay_seconds: int) -> None:
    """Write the message in the caller's transaction and send it on commit. Raises nothing when the
    queue is unavailable."""
    due_on = timezone.now() + timedelta(seconds=delay_seconds)
    OutboxMessage.objects.create(
        id=message.id, body=encode(message), due_on=due_on, org=message.org, lane=message.lane
    )
    transaction.on_commit(lambda: _send_now(queue, message, delay_seconds), robust=True)


def _send_now(queue: Queue, message: Message, delay_seconds: int) -> None:
    with _left_to_the_sweeper(message):
        if queue.gives_turns:
            queue.send([message], delay_seconds=delay_seconds)
            OutboxMessage.objects.filter(pk=message.id).delete()
        else:
            _send_next(queue, message.org, message.lane)


def message_done(queue: Queue, message: Message) -> None:
    """A message will not be delivered again: send what the organisation waits for. Raises nothing
    when the queue or the database is unavailable."""
    if queue.gives_turns:
        return
    with _left_to_the_sweeper(message):
        OutboxMessage.objects.filter(pk__in=_ids_of(message)).delete()
        _send_next(queue, message.org, message.lane)


def _ids_of(message: Message) -> list[UUID]:
    """Returns nothing for a message of another program, whose id may be anything."""
    try:
        return [UUID(message.id)]
    except ValueError:
        return []


@contextmanager
def _left_to_the_sweeper(message: Message) -> Iterator[None]:
    try:
        yield
    except (FieldlineError, DatabaseError) as error:
        log.warning("message left to the sweeper", job=message.id, action=message.action, reason=str(error))


def _send_next(queue: Queue, org: str, lane: str) -> int:
    """Send the oldest messages of an organisation that have a place on the queue. Returns how many.
    Raises Unavailable.

    Two processes that do this at once may send one more than there are places for.
    """
    values: dict[str, str | int] = {"org": org, "lane": lane, "most": MOST_OF_ORG, "at_once": MAX_BATCH}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_NEXT, values)
            rows = [OutboxMessage(id=id, body=body, due_on=due_on) for id, body, due_on in cursor.fetchall()]
        for delay_seconds, messages in _by_delay(rows).items():
            queue.send(messages, delay_seconds=delay_seconds)
    return len(rows)


def sweep(queue: Queue, *, limit: int) -> int:
    """Send what is still there, oldest first. Returns how many. Raises Unavailable when the queue
    does not answer; what was sent before is not sent again."""
    if not queue.gives_turns:
        return _sweep_in_turns(queue, limit)
    swept = 0
    while swept < limit:
        count = _sweep_batch(queue, min(MAX_BATCH, limit - swept))
        swept += count
        if not count:
            break
    return swept


def _sweep_in_turns(queue: Queue, limit: int) -> int:
    """Send what has a place on the queue, of each organisation."""
    _forget_lost(queue)
    turns = OutboxMessage.objects.filter(_late(), sent_on=None).order_by("org", "lane")
    swept = 0
    for org, lane in turns.values_list("org", "lane").distinct():
        while swept < limit and (count := _send_next(queue, org, lane)):
            swept += count
    return swept


def _forget_lost(queue: Queue) -> None:
    """A queue that lost its messages, or a worker that was killed before it said that one is done,
    must not hold an organisation back forever. A message that was not lost only counts no more."""
    depth = queue.depth()
    is_empty = depth.waiting + depth.in_flight <= 1  # this job
    before = Now() - (LOST_FROM_EMPTY_AFTER if is_empty else LOST_AFTER)
    OutboxMessage.objects.filter(sent_on__lt=before, due_on__lt=before).delete()


def _late() -> Q:
    return Q(created_on__lt=Now() - timedelta(seconds=SWEEP_AFTER_S))


def _sweep_batch(queue: Queue, most: int) -> int:
    with transaction.atomic():
        late = OutboxMessage.objects.filter(_late())
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
