"""What every back end promises, tried on all three."""

from datetime import UTC, datetime, timedelta

import pytest

from server.core.queue.base import Counts, JobRecord, Outcome, Queue
from server.core.queue.memory import MemoryQueue
from server.core.queue.models import JobLog
from server.core.queue.tests.fixtures import Bench, ids, message, take, take_surely

RECORD = JobRecord("7", "test", {"report": 1}, attempt=1, outcome=Outcome.DONE, duration_ms=1.5)


@pytest.fixture
def queue(bench: Bench) -> Queue:
    return bench.queue


def test_a_message_arrives_with_all_its_parts(queue: Queue) -> None:
    sent = message(report_id="abc", numbers=[1, 2], name="Zähler")

    queue.send([sent])

    delivery = take_surely(queue)
    assert (delivery.message, delivery.attempt, delivery.deferred) == (sent, 1, 0)


def test_an_empty_queue_gives_nothing(queue: Queue) -> None:
    assert queue.receive(most=10, wait_seconds=0, visible_after_seconds=60) == []


def test_a_batch_is_handed_out_once(queue: Queue) -> None:
    sent = [message() for _ in range(15)]

    queue.send(sent)

    first = queue.receive(most=10, wait_seconds=1, visible_after_seconds=60)
    second = queue.receive(most=10, wait_seconds=1, visible_after_seconds=60)
    assert len(first) <= 10
    assert sorted(ids(first + second), key=int) == [each.id for each in sent]


def test_a_message_in_hand_is_hidden(queue: Queue) -> None:
    queue.send([message()])

    take_surely(queue)

    assert take(queue) is None


def test_a_deleted_message_is_gone(bench: Bench) -> None:
    bench.queue.send([message()])

    bench.queue.delete(take_surely(bench.queue, visible=1))
    bench.pass_seconds(1.1)

    assert take(bench.queue) is None


def test_a_message_comes_again_when_its_visibility_time_ends(bench: Bench) -> None:
    bench.queue.send([message()])
    first = take_surely(bench.queue, visible=1)

    bench.pass_seconds(1.1)

    second = take_surely(bench.queue)

    assert (second.message, second.attempt) == (first.message, 2)


def test_an_extended_message_stays_hidden(bench: Bench) -> None:
    bench.queue.send([message()])
    delivery = take_surely(bench.queue, visible=1)

    bench.queue.extend(delivery, visible_after_seconds=60)
    bench.pass_seconds(1.1)

    assert take(bench.queue) is None


@pytest.mark.parametrize(
    ("counts", "attempt", "deferred"),
    [(Counts.ATTEMPT, 2, 0), (Counts.DEFERRAL, 1, 1), (Counts.NOTHING, 1, 0)],
)
def test_a_released_message_comes_again_and_counts(
    queue: Queue, counts: Counts, attempt: int, deferred: int
) -> None:
    sent = message()
    queue.send([sent])

    queue.release(take_surely(queue), delay_seconds=0, counts=counts)

    again = take_surely(queue)
    assert (again.message, again.attempt, again.deferred) == (sent, attempt, deferred)


def test_counts_add_up_over_several_hands(queue: Queue) -> None:
    queue.send([message()])

    for counts in (Counts.ATTEMPT, Counts.DEFERRAL, Counts.DEFERRAL, Counts.ATTEMPT, Counts.NOTHING):
        queue.release(take_surely(queue), delay_seconds=0, counts=counts)

    last = take_surely(queue)
    assert (last.attempt, last.deferred) == (3, 2)


@pytest.mark.parametrize("counts", [Counts.ATTEMPT, Counts.DEFERRAL])
def test_a_released_message_waits_for_its_delay(bench: Bench, counts: Counts) -> None:
    bench.queue.send([message()])
    bench.queue.release(take_surely(bench.queue), delay_seconds=1, counts=counts)

    early = take(bench.queue)
    bench.pass_seconds(1.1)

    assert early is None
    assert take_surely(bench.queue).message is not None


def test_a_delayed_message_comes_later(bench: Bench) -> None:
    bench.queue.send([message()], delay_seconds=1)

    before = take(bench.queue)
    bench.pass_seconds(1.1)

    assert (before, take_surely(bench.queue).attempt) == (None, 1)


def test_a_buried_message_is_listed_with_what_happened(queue: Queue) -> None:
    queue.send([message(report=1)])
    delivery = take_surely(queue)

    queue.bury(delivery, reason="It is\nnot a report \N{LATIN SMALL LETTER E WITH ACUTE}\x00.")

    [letter] = queue.dead_letters(most=10)
    assert (letter.body, letter.action, letter.attempts) == (delivery.body, "test", 1)
    assert letter.reason.startswith("It is\nnot a report \N{LATIN SMALL LETTER E WITH ACUTE}")
    assert abs(datetime.now(UTC) - letter.died_on) < timedelta(minutes=1)


def test_a_buried_message_does_not_come_again(bench: Bench) -> None:
    bench.queue.send([message()])

    bench.queue.bury(take_surely(bench.queue, visible=1), reason="no use")
    bench.pass_seconds(1.1)

    assert take(bench.queue) is None


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "[1, 2]",
        '{"id": 5, "action": "test", "arguments": {}}',
        '{"id": "5", "action": "test", "arguments": []}',
        '{"id": "5", "arguments": {}}',
        '{"id": "5", "action": "test", "arguments": {}, "key": 1}',
        "[" * 20000,
    ],
)
def test_a_body_that_is_no_message_is_delivered_as_such(bench: Bench, body: str) -> None:
    bench.send_body(body)

    delivery = take_surely(bench.queue)

    assert (delivery.message, delivery.body) == (None, body)


def test_an_unreadable_message_can_be_buried(bench: Bench) -> None:
    bench.send_body("poison")

    bench.queue.bury(take_surely(bench.queue), reason="unreadable")

    [letter] = bench.queue.dead_letters(most=10)
    assert (letter.body, letter.action, letter.reason) == ("poison", "", "unreadable")


def test_depth_counts_each_kind(queue: Queue) -> None:
    queue.send([message(), message(), message(), message()])
    queue.send([message()], delay_seconds=60)
    queue.bury(take_surely(queue), reason="test")
    take_surely(queue)

    depth = queue.depth()

    assert (depth.waiting, depth.in_hand, depth.dead) == (3, 1, 1)


def test_an_acknowledgement_of_a_message_in_other_hands_does_no_harm(queue: Queue) -> None:
    queue.send([message()])
    mine = take_surely(queue)
    queue.delete(mine)

    queue.delete(mine)
    queue.extend(mine, visible_after_seconds=60)

    assert take(queue) is None


@pytest.mark.parametrize("how", ["delete", "release", "bury"])
def test_the_record_of_a_run_reaches_the_worker_log(queue: Queue, how: str) -> None:
    queue.send([message()])
    delivery = take_surely(queue)

    if how == "delete":
        queue.delete(delivery, record=RECORD)
    elif how == "release":
        queue.release(delivery, delay_seconds=0, counts=Counts.ATTEMPT, record=RECORD)
    else:
        queue.bury(delivery, reason="test", record=RECORD)

    assert _logged(queue) == [RECORD]


def _logged(queue: Queue) -> list[JobRecord]:
    if isinstance(queue, MemoryQueue):
        return queue.records
    return [
        JobRecord(
            row.message_id,
            row.action,
            row.arguments,
            row.attempt,
            Outcome(row.outcome),
            row.duration_ms,
            row.detail,
        )
        for row in JobLog.objects.all()
    ]
