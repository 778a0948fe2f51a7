"""One at a time and oldest first for each key: what `ordered = True` promises."""

import pytest

from server.core.queue.contract import Counts, Queue
from server.core.queue.tests.fixtures import QueueSetup, ids, message, take, take_surely


@pytest.fixture
def queue(ordered_queue_setup: QueueSetup) -> Queue:
    return ordered_queue_setup.queue


def test_the_second_of_a_key_waits_for_the_first(queue: Queue) -> None:
    queue.send([message("a"), message("a")])

    taken = queue.receive(most=10, wait_seconds=0, visible_after_seconds=60)

    assert len(taken) == 1


def test_the_second_of_a_key_comes_when_the_first_is_done(queue: Queue) -> None:
    first, second = message("a"), message("a")
    queue.send([first, second])

    queue.delete(take_surely(queue))

    assert take_surely(queue).message == second


def test_the_second_of_a_key_comes_when_the_first_is_a_dead_letter(queue: Queue) -> None:
    first, second = message("a"), message("a")
    queue.send([first, second])

    queue.move_to_dead_letters(take_surely(queue), reason="test")

    assert take_surely(queue).message == second


def test_one_that_waits_for_another_try_is_not_overtaken(ordered_queue_setup: QueueSetup) -> None:
    queue = ordered_queue_setup.queue
    first, second = message("a"), message("a")
    queue.send([first, second])
    queue.release(take_surely(queue), delay_seconds=60, counts=Counts.ATTEMPT)

    early = take(queue)
    ordered_queue_setup.pass_seconds(60)

    assert (early, take_surely(queue).message) == (None, first)


def test_one_whose_worker_died_is_not_overtaken(ordered_queue_setup: QueueSetup) -> None:
    queue = ordered_queue_setup.queue
    first, second = message("a"), message("a")
    queue.send([first, second])
    take_surely(queue, visible=60)
    ordered_queue_setup.pass_seconds(60)

    again = take_surely(queue)

    assert (again.message, take(queue)) == (first, None)


def test_a_long_line_of_one_key_comes_in_order(queue: Queue) -> None:
    sent = [message("a") for _ in range(30)]
    queue.send(sent)

    seen = []
    while delivery := take(queue):
        seen.append(delivery)
        queue.delete(delivery)

    assert ids(seen) == [each.id for each in sent]


def test_messages_that_arrive_while_the_first_is_in_flight_queue_up_behind_it(queue: Queue) -> None:
    sent = [message("a") for _ in range(4)]
    queue.send(sent[:2])
    in_flight = take_surely(queue)
    queue.send(sent[2:])
    queue.delete(in_flight)

    seen = []
    while delivery := take(queue):
        seen.append(delivery)
        queue.delete(delivery)

    assert ids(seen) == [each.id for each in sent[1:]]


def test_other_keys_do_not_wait(queue: Queue) -> None:
    one, other, free = message("a"), message("b"), message()
    queue.send([one, message("a"), other, free])

    taken = queue.receive(most=10, wait_seconds=0, visible_after_seconds=60)

    assert ids(taken) == [one.id, other.id, free.id]


def test_who_lost_a_message_cannot_acknowledge_it(ordered_queue_setup: QueueSetup) -> None:
    queue = ordered_queue_setup.queue
    sent = message("a")
    queue.send([sent])
    lost = take_surely(queue, visible=60)
    ordered_queue_setup.pass_seconds(60)
    held = take_surely(queue)

    queue.delete(lost)
    queue.release(held, delay_seconds=0, counts=Counts.NOTHING)

    assert take_surely(queue).message == sent
