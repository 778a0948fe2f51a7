import threading

import pytest

from server.core.errors import Unavailable
from server.core.queue import Delivery, message_of
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.tests.fixtures import FakeClock
from worker.jobrun import JobRun
from worker.middleware.visibility import Visibility
from worker.tests.jobs import Note, TakeNote

VISIBLE_S = 30


@pytest.fixture
def clock() -> FakeClock:
    """Moves the queue and the middleware together."""
    return FakeClock()


@pytest.fixture
def queue(clock: FakeClock) -> MemoryQueue:
    return MemoryQueue(clock=clock)


@pytest.fixture
def visibility(queue: MemoryQueue, clock: FakeClock) -> Visibility:
    return Visibility(queue, visible_after_seconds=VISIBLE_S, clock=clock)


@pytest.fixture
def delivery(queue: MemoryQueue, visibility: Visibility) -> Delivery:
    """In flight since now."""
    queue.send([message_of(Note("hello"))])
    [taken] = queue.receive(most=1, wait_seconds=0, visible_after_seconds=VISIBLE_S)
    visibility.received([taken])
    return taken


def run_of(delivery: Delivery, clock: FakeClock) -> JobRun:
    return JobRun(delivery, action=TakeNote(), clock=clock)


def is_hidden(queue: MemoryQueue) -> bool:
    return queue.depth().in_flight == 1


def let_pass(clock: FakeClock, visibility: Visibility, seconds: int) -> None:
    """Second by second, as its thread does."""
    for _ in range(seconds):
        clock.pass_seconds(1)
        visibility.extend_due()


def test_weak_point_39_the_message_of_a_running_job_stays_hidden(
    queue: MemoryQueue, visibility: Visibility, delivery: Delivery, clock: FakeClock
) -> None:
    visibility.before(run_of(delivery, clock))

    let_pass(clock, visibility, VISIBLE_S * 2 - 5)

    assert is_hidden(queue)


def test_a_message_that_waits_behind_another_in_flight_stays_hidden(
    queue: MemoryQueue, visibility: Visibility, delivery: Delivery, clock: FakeClock
) -> None:
    let_pass(clock, visibility, VISIBLE_S * 5)

    assert is_hidden(queue)


def test_a_job_over_its_limit_is_let_go(
    queue: MemoryQueue, visibility: Visibility, delivery: Delivery, clock: FakeClock
) -> None:
    visibility.before(run_of(delivery, clock))

    let_pass(clock, visibility, TakeNote.max_seconds + VISIBLE_S)

    assert not is_hidden(queue)


def test_a_message_that_is_done_is_not_extended(
    queue: MemoryQueue, visibility: Visibility, delivery: Delivery, clock: FakeClock
) -> None:
    run = run_of(delivery, clock)
    visibility.before(run)
    visibility.after(run)

    let_pass(clock, visibility, VISIBLE_S)

    assert not is_hidden(queue)


def test_a_failed_extension_is_tried_again(clock: FakeClock) -> None:
    queue = SometimesUnavailableQueue(clock=clock)
    visibility = Visibility(queue, visible_after_seconds=VISIBLE_S, clock=clock)
    queue.send([message_of(Note("hello"))])
    visibility.received(queue.receive(most=1, wait_seconds=0, visible_after_seconds=VISIBLE_S))

    let_pass(clock, visibility, VISIBLE_S * 2)

    assert is_hidden(queue)


class SometimesUnavailableQueue(MemoryQueue):
    """Answers every third time."""

    calls: int = 0

    def extend(self, delivery: Delivery, *, visible_after_seconds: int) -> None:
        self.calls += 1
        if self.calls % 3:
            raise Unavailable("unavailable")
        MemoryQueue.extend(self, delivery, visible_after_seconds=visible_after_seconds)


class ExtensionRecorder(MemoryQueue):
    """Records that a delivery was extended."""

    def __init__(self) -> None:
        super().__init__()
        self.extended = threading.Event()

    def extend(self, delivery: Delivery, *, visible_after_seconds: int) -> None:
        self.extended.set()


def test_a_thread_extends_while_the_job_runs(delivery: Delivery) -> None:
    queue = ExtensionRecorder()
    visibility = Visibility(queue, visible_after_seconds=0, check_every_seconds=0.005)
    visibility.received([delivery])

    visibility.starting()
    asked = queue.extended.wait(20)
    visibility.stopping()

    assert asked
