"""On a queue that gives no turns the outbox gives them: an organisation has so many messages there,
and no more."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from server.core.lanes import Lane
from server.core.queue import outbox
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.backends.sqs import SqsQueue
from server.core.queue.contract import MAX_BATCH, Message
from server.core.queue.models import OutboxMessage
from server.core.queue.outbox import LOST_AFTER, SWEEP_AFTER_S, message_done, post, sweep
from server.core.queue.tests.fixtures import message, take, take_surely
from server.core.queue.wire import encode

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]
A, B = str(UUID(int=1)), str(UUID(int=2))


@pytest.fixture(autouse=True)
def two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_OF_ORG", 2)


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue(transactional=False, gives_turns=False)


def of(org: str, lane: Lane = Lane.SHORT) -> Message:
    return Message(id=str(uuid4()), action="test", arguments={}, key="", org=org, lane=lane)


def posted(queue: MemoryQueue, *messages: Message, delay_seconds: int = 0) -> list[Message]:
    for each in messages:
        with transaction.atomic():
            post(queue, each, delay_seconds=delay_seconds)
    return list(messages)


def on_the_queue(queue: MemoryQueue) -> int:
    depth = queue.depth()
    return depth.waiting + depth.in_flight


def finish_one(queue: MemoryQueue) -> Message:
    delivery = take_surely(queue)
    assert delivery.message is not None
    message_done(queue, delivery.message)
    queue.delete(delivery)
    return delivery.message


def sent_long_ago(**ago: float) -> None:
    then = timezone.now() - timedelta(**ago)
    OutboxMessage.objects.exclude(sent_on=None).update(sent_on=then, due_on=then)
    OutboxMessage.objects.update(created_on=then)


def test_an_organisation_has_so_many_messages_on_the_queue(queue: MemoryQueue) -> None:
    posted(queue, *[of(A) for _ in range(5)])

    assert on_the_queue(queue) == 2
    assert OutboxMessage.objects.filter(sent_on=None).count() == 3


def test_a_job_of_another_organisation_passes_what_is_held_back(queue: MemoryQueue) -> None:
    posted(queue, *[of(A) for _ in range(5)])
    posted(queue, of(B))

    assert on_the_queue(queue) == 3


def test_each_lane_has_its_places(queue: MemoryQueue) -> None:
    posted(queue, *[of(A) for _ in range(3)], *[of(A, Lane.LONG) for _ in range(3)])

    assert on_the_queue(queue) == 4


def test_when_a_job_is_done_the_oldest_follows(queue: MemoryQueue) -> None:
    sent = posted(queue, *[of(A) for _ in range(5)])

    assert [finish_one(queue).id for _ in sent] == [each.id for each in sent]
    assert (take(queue), OutboxMessage.objects.count()) == (None, 0)


def test_nothing_is_lost_while_the_queue_is_unavailable(
    queue: MemoryQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(queue, *[of(A) for _ in range(3)])
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_TAKE_NEXT", "SELECT a_column_that_is_not_there")
        finish_one(queue)
    assert on_the_queue(queue) == 1
    sent_long_ago(seconds=SWEEP_AFTER_S + 1)

    assert sweep(queue, limit=10) == 1

    assert on_the_queue(queue) == 2


def test_the_sweeper_gives_each_organisation_its_places(queue: MemoryQueue) -> None:
    now = timezone.now()
    late = now - timedelta(seconds=SWEEP_AFTER_S + 1)
    for org in (A, A, A, B):
        body = encode(of(org))
        OutboxMessage.objects.create(
            id=uuid4(), body=body, due_on=now, created_on=late, org=org, lane="short"
        )

    assert sweep(queue, limit=MAX_BATCH) == 3


def test_messages_that_an_empty_queue_has_lost_hold_nobody_back(queue: MemoryQueue) -> None:
    posted(queue, *[of(A) for _ in range(5)])
    for _ in range(2):
        queue.delete(take_surely(queue))  # as if they were gone: nobody says that they are done
    sent_long_ago(minutes=2)

    assert sweep(queue, limit=10) == 2


def test_messages_that_wait_are_not_taken_for_lost(queue: MemoryQueue) -> None:
    posted(queue, *[of(A) for _ in range(5)])
    sent_long_ago(minutes=2)

    assert sweep(queue, limit=10) == 0


def test_messages_whose_end_was_never_said_are_not_counted_for_long(queue: MemoryQueue) -> None:
    posted(queue, *[of(A) for _ in range(5)])
    sent_long_ago(seconds=LOST_AFTER.total_seconds() + 60)

    assert sweep(queue, limit=10) == 2


def test_a_delay_is_kept(queue: MemoryQueue) -> None:
    posted(queue, of(A), delay_seconds=600)

    assert take(queue) is None
    assert on_the_queue(queue) == 1


def test_a_message_of_another_program_is_no_error(queue: MemoryQueue) -> None:
    message_done(queue, message())


def test_sending_costs_one_statement_in_a_transaction(
    queue: MemoryQueue, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):  # each of the row and the next one in a transaction
        posted(queue, of(A))


def test_behind_a_flood_on_elasticmq_a_job_waits_for_the_places_of_the_other_only(
    sqs_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_OF_ORG", 5)
    queue = SqsQueue(name=f"flood-{message().id}", region="us-east-1", endpoint=sqs_endpoint)
    with transaction.atomic():
        for _ in range(60):
            post(queue, of(A), delay_seconds=0)
    with transaction.atomic():
        post(queue, wanted := of(B), delay_seconds=0)

    run: list[str] = []
    while wanted.id not in run:
        delivery = take_surely(queue)
        assert delivery.message is not None
        message_done(queue, delivery.message)
        queue.delete(delivery)
        run.append(delivery.message.id)

    assert len(run) <= 2 * 5 + 1  # SQS keeps no order: those that follow may pass


def test_a_queue_that_gives_turns_gets_everything_at_once() -> None:
    queue = MemoryQueue(transactional=False)

    posted(queue, *[of(A) for _ in range(5)])

    assert (on_the_queue(queue), OutboxMessage.objects.count()) == (5, 0)
