"""What every back end promises, tried on all three: in memory, on PostgreSQL and on ElasticMQ,
which speaks SQS."""

from datetime import UTC, datetime, timedelta

import pytest

from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.contract import (
    MAX_BODY_BYTES,
    Counts,
    DeadLetter,
    JobRecord,
    JobTooLarge,
    Message,
    Outcome,
    Queue,
)
from server.core.queue.models import JobLog
from server.core.queue.tests.fixtures import QueueSetup, ids, message, take, take_surely
from server.core.queue.wire import encode

RECORD = JobRecord("7", "test", {"report": 1}, attempt=1, outcome=Outcome.DONE, duration_ms=1.5)


@pytest.fixture
def queue(queue_setup: QueueSetup) -> Queue:
    return queue_setup.queue


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


def test_a_message_in_flight_is_hidden(queue: Queue) -> None:
    queue.send([message()])

    take_surely(queue)

    assert take(queue) is None


def test_a_deleted_message_is_gone(queue_setup: QueueSetup) -> None:
    queue_setup.queue.send([message()])

    queue_setup.queue.delete(take_surely(queue_setup.queue, visible=1))
    queue_setup.pass_seconds(1.1)

    assert take(queue_setup.queue) is None


def test_a_message_comes_again_when_its_visibility_time_ends(queue_setup: QueueSetup) -> None:
    queue_setup.queue.send([message()])
    first = take_surely(queue_setup.queue, visible=1)

    queue_setup.pass_seconds(1.1)

    second = take_surely(queue_setup.queue)

    assert (second.message, second.attempt) == (first.message, 2)


def test_an_extended_message_stays_hidden(queue_setup: QueueSetup) -> None:
    queue_setup.queue.send([message()])
    delivery = take_surely(queue_setup.queue, visible=1)

    queue_setup.queue.extend(delivery, visible_after_seconds=60)
    queue_setup.pass_seconds(1.1)

    assert take(queue_setup.queue) is None


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
def test_a_released_message_waits_for_its_delay(queue_setup: QueueSetup, counts: Counts) -> None:
    queue_setup.queue.send([message()])
    queue_setup.queue.release(take_surely(queue_setup.queue), delay_seconds=1, counts=counts)

    early = take(queue_setup.queue)
    queue_setup.pass_seconds(1.1)

    assert early is None
    assert take_surely(queue_setup.queue).message is not None


def test_a_delayed_message_comes_later(queue_setup: QueueSetup) -> None:
    queue_setup.queue.send([message()], delay_seconds=1)

    before = take(queue_setup.queue)
    queue_setup.pass_seconds(1.1)

    assert (before, take_surely(queue_setup.queue).attempt) == (None, 1)


def test_a_dead_letter_is_listed_with_what_happened(queue: Queue) -> None:
    queue.send([message(report=1)])
    delivery = take_surely(queue)

    queue.move_to_dead_letters(
        delivery, reason="It is\nnot a report \N{LATIN SMALL LETTER E WITH ACUTE}\x00."
    )

    [dead_letter] = queue.dead_letters(most=10)
    assert (dead_letter.body, dead_letter.action, dead_letter.attempts) == (delivery.body, "test", 1)
    assert dead_letter.reason.startswith("It is\nnot a report \N{LATIN SMALL LETTER E WITH ACUTE}")
    assert abs(datetime.now(UTC) - dead_letter.died_on) < timedelta(minutes=1)


def test_a_dead_letter_is_not_delivered_again(queue_setup: QueueSetup) -> None:
    queue_setup.queue.send([message()])

    queue_setup.queue.move_to_dead_letters(take_surely(queue_setup.queue, visible=1), reason="no use")
    queue_setup.pass_seconds(1.1)

    assert take(queue_setup.queue) is None


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
def test_a_body_that_is_no_message_is_delivered_as_such(queue_setup: QueueSetup, body: str) -> None:
    queue_setup.send_body(body)

    delivery = take_surely(queue_setup.queue)

    assert (delivery.message, delivery.body) == (None, body)


def test_an_unreadable_message_can_become_a_dead_letter(queue_setup: QueueSetup) -> None:
    queue_setup.send_body("poison")

    queue_setup.queue.move_to_dead_letters(take_surely(queue_setup.queue), reason="unreadable")

    [dead_letter] = queue_setup.queue.dead_letters(most=10)
    assert (dead_letter.body, dead_letter.action, dead_letter.reason) == ("poison", "", "unreadable")


def test_depth_counts_each_kind(queue: Queue) -> None:
    queue.send([message(), message(), message(), message()])
    queue.send([message()], delay_seconds=60)
    queue.move_to_dead_letters(take_surely(queue), reason="test")
    take_surely(queue)

    depth = queue.depth()

    assert (depth.waiting, depth.in_flight, depth.dead) == (3, 1, 1)


def test_an_acknowledgement_of_a_message_in_other_hands_does_no_harm(queue: Queue) -> None:
    queue.send([message()])
    mine = take_surely(queue)
    queue.delete(mine)

    queue.delete(mine)
    queue.extend(mine, visible_after_seconds=60)

    assert take(queue) is None


@pytest.mark.parametrize("how", ["delete", "release", "move_to_dead_letters"])
def test_the_record_of_a_run_reaches_the_worker_log(queue: Queue, how: str) -> None:
    queue.send([message()])
    delivery = take_surely(queue)

    if how == "delete":
        queue.delete(delivery, record=RECORD)
    elif how == "release":
        queue.release(delivery, delay_seconds=0, counts=Counts.ATTEMPT, record=RECORD)
    else:
        queue.move_to_dead_letters(delivery, reason="test", record=RECORD)

    assert _logged(queue) == [RECORD]


def make_dead_letters(queue: Queue, *messages: Message) -> dict[str, DeadLetter]:
    """Dead letters by the id of their message; they died in this order."""
    for each in messages:
        queue.send([each])
        queue.move_to_dead_letters(take_surely(queue), reason=f"reason of {each.id}")
    return {dead_letter.message_id: dead_letter for dead_letter in queue.dead_letters(most=100)}


def test_a_dead_letter_has_the_message_id_and_key(queue: Queue) -> None:
    sent = message(key="t--1")

    dead_letters = make_dead_letters(queue, sent)

    assert (
        dead_letters[sent.id].message_id,
        dead_letters[sent.id].key,
        bool(dead_letters[sent.id].handle),
    ) == (
        sent.id,
        "t--1",
        True,
    )


def test_a_redriven_letter_comes_as_if_for_the_first_time(queue: Queue) -> None:
    sent, other = message(report=1), message()
    dead_letters = make_dead_letters(queue, sent, other)

    count = queue.redrive([dead_letters[sent.id].handle])

    delivery = take_surely(queue)
    assert (count, delivery.message, delivery.attempt, delivery.deferred) == (1, sent, 1, 0)
    assert take(queue) is None
    assert [dead_letter.message_id for dead_letter in queue.dead_letters(most=10)] == [other.id]


def test_a_redriven_letter_keeps_its_key(ordered_queue_setup: QueueSetup) -> None:
    queue = ordered_queue_setup.queue
    first, second = message(key="a"), message(key="a")
    dead_letters = make_dead_letters(queue, first, second)
    younger = message(key="a")
    queue.send([younger])

    queue.redrive([dead_letters[second.id].handle, dead_letters[first.id].handle])

    came = []
    for _ in range(3):
        delivery = take_surely(queue)
        assert take(queue) is None
        came += ids([delivery])
        queue.delete(delivery)
    assert came == [younger.id, first.id, second.id]


def test_a_letter_is_redriven_once(queue: Queue) -> None:
    dead_letters = make_dead_letters(queue, sent := message())
    handle = dead_letters[sent.id].handle

    counts = [queue.redrive([handle, handle]), queue.redrive([handle])]

    assert counts == [1, 0]
    assert ids(queue.receive(most=10, wait_seconds=1, visible_after_seconds=60)) == [sent.id]


def test_a_deleted_letter_is_gone(queue: Queue) -> None:
    gone, stays = message(), message()
    dead_letters = make_dead_letters(queue, gone, stays)

    counts = [queue.delete_dead([dead_letters[gone.id].handle]) for _ in range(2)]

    assert counts == [1, 0]
    assert [dead_letter.message_id for dead_letter in queue.dead_letters(most=10)] == [stays.id]
    assert take(queue) is None


@pytest.mark.parametrize("handle", ["", "no such letter", "-1", "9" * 30, "\x00"])
def test_a_handle_of_nothing_names_nothing(queue: Queue, handle: str) -> None:
    make_dead_letters(queue, message())

    assert (queue.redrive([handle]), queue.delete_dead([handle]), queue.redrive([])) == (0, 0, 0)
    assert queue.depth().dead == 1


def test_an_unreadable_letter_can_be_redriven(queue_setup: QueueSetup) -> None:
    queue_setup.send_body("poison")
    queue_setup.queue.move_to_dead_letters(take_surely(queue_setup.queue), reason="unreadable")
    [dead_letter] = queue_setup.queue.dead_letters(most=10)

    queue_setup.queue.redrive([dead_letter.handle])

    assert take_surely(queue_setup.queue).body == "poison"


def test_more_letters_than_one_request_carries_are_listed_and_redriven(queue: Queue) -> None:
    sent = [message() for _ in range(23)]
    dead_letters = make_dead_letters(queue, *sent)

    count = queue.redrive([dead_letter.handle for dead_letter in dead_letters.values()])

    assert (len(dead_letters), count, queue.depth().dead, queue.depth().waiting) == (23, 23, 0, 23)


def test_a_list_of_letters_may_be_cut(queue: Queue) -> None:
    make_dead_letters(queue, *[message() for _ in range(5)])

    some = queue.dead_letters(most=3)

    assert len({dead_letter.message_id for dead_letter in some}) == 3
    assert len(queue.dead_letters(most=10)) == 5


def test_a_job_as_large_as_allowed_can_be_sent_and_become_a_dead_letter(queue: Queue) -> None:
    empty = len(encode(message(text="")))
    sent = [message(text="x" * (MAX_BODY_BYTES - empty - 2)) for _ in range(3)]

    queue.send(sent)

    taken = [take_surely(queue) for _ in sent]
    assert sorted(ids(taken)) == sorted(each.id for each in sent)
    queue.move_to_dead_letters(taken[0], reason="\N{GRINNING FACE}" * 4000)
    assert queue.depth().dead == 1


def test_a_job_that_is_too_large_is_refused(queue: Queue) -> None:
    with pytest.raises(JobTooLarge, match="'test' has"):
        queue.send([message(text="x" * MAX_BODY_BYTES)])

    assert take(queue) is None


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
