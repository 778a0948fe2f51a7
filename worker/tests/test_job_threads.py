"""Several jobs at a time in one process."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from server.core.queue import message_of
from server.core.queue.backends.memory import MemoryQueue
from worker.action import Action
from worker.assembly import SharedParts
from worker.job_threads import JobThreads, ThreadLost
from worker.loop import Loop, LoopOptions
from worker.middleware.base import Middleware
from worker.middleware.retries import Retries
from worker.tests.jobs import Call, Note, action_calling, actions, notes

OPTIONS = LoopOptions(wait_seconds=0.05, idle_exit_seconds=0.1)
PATIENCE_S = 30


class Barrier:
    """An Action that comes to an end only when so many run at once."""

    def __init__(self, parties: int) -> None:
        self._barrier = threading.Barrier(parties, timeout=PATIENCE_S)

    def __call__(self) -> None:
        self._barrier.wait()


@pytest.fixture
def exits() -> list[int]:
    """The codes with which the process would have ended."""
    return []


Make = Callable[..., JobThreads]


@pytest.fixture
def make(queue: MemoryQueue, exits: list[int]) -> Make:
    def made(
        table: dict[str, type[Action[Any]]],
        *,
        jobs: int,
        middleware: Sequence[Middleware] = (),
        finish_seconds: float = PATIENCE_S,
    ) -> JobThreads:
        def build(shared: SharedParts) -> Loop:
            return Loop(queue, table, [Retries(), *middleware], LoopOptions(wait_seconds=0.05))

        return JobThreads(build, jobs=jobs, exit=exits.append, others_may_finish_seconds=finish_seconds)

    return made


@pytest.fixture
def running() -> Iterator[Callable[[JobThreads], "threading.Thread"]]:
    """Each runs beside the test, and is stopped in the end."""
    started: list[tuple[JobThreads, threading.Thread]] = []

    def run(threads: JobThreads) -> threading.Thread:
        thread = threading.Thread(target=threads.run)
        thread.start()
        started.append((threads, thread))
        return thread

    yield run
    for threads, thread in started:
        threads.stop()
        thread.join(PATIENCE_S)


def until(condition: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_S * 200):
        if condition():
            return
        threading.Event().wait(0.005)
    raise AssertionError("It did not happen in time.")


def test_so_many_jobs_run_at_once(
    queue: MemoryQueue, make: Make, running: Callable[[JobThreads], threading.Thread]
) -> None:
    queue.send([message_of(Call(number)) for number in range(3)])
    threads = make(actions(action_calling(Barrier(3))), jobs=3)

    running(threads)

    until(lambda: queue.depth().waiting + queue.depth().in_flight == 0)
    assert sorted(notes) == ["call 0", "call 1", "call 2"]
    assert queue.dead == []


def test_no_more_jobs_run_at_once(
    queue: MemoryQueue, make: Make, running: Callable[[JobThreads], threading.Thread]
) -> None:
    go_on = threading.Event()
    queue.send([message_of(Call(number)) for number in range(5)])
    threads = make(actions(action_calling(lambda: go_on.wait(PATIENCE_S))), jobs=2)

    running(threads)

    until(lambda: len(notes) == 2)
    assert queue.depth().in_flight == 2
    go_on.set()
    until(lambda: queue.depth().waiting + queue.depth().in_flight == 0)


def test_jobs_of_one_key_run_one_at_a_time(
    queue: MemoryQueue, make: Make, running: Callable[[JobThreads], threading.Thread]
) -> None:
    queue.send([message_of(Note(str(number), order_key="a")) for number in range(20)])

    running(make(actions(), jobs=4))

    until(lambda: queue.depth().waiting + queue.depth().in_flight == 0)
    assert notes == [str(number) for number in range(20)]


def test_stopped_threads_finish_all_jobs_in_flight(queue: MemoryQueue, make: Make) -> None:
    made: list[JobThreads] = []
    barrier = Barrier(2)

    def stop_in_the_middle() -> None:
        barrier()
        made[0].stop()

    queue.send([message_of(Call(number)) for number in range(4)])
    made.append(make(actions(action_calling(stop_in_the_middle)), jobs=2))

    made[0].run()

    assert (len(notes), queue.depth().waiting, queue.depth().in_flight) == (2, 2, 0)


def test_threads_that_have_nothing_to_do_end_when_asked_to(queue: MemoryQueue) -> None:
    queue.send([message_of(Note("one"))])

    JobThreads(lambda shared: Loop(queue, actions(), [], OPTIONS), jobs=2).run()

    assert notes == ["one"]


def test_a_thread_that_breaks_off_ends_the_rest_when_they_have_finished(
    queue: MemoryQueue, make: Make
) -> None:
    begun = threading.Event()

    class Breaking(Middleware):
        def before_receive(self) -> None:
            if begun.wait(PATIENCE_S) and threading.current_thread().name == "jobs 1":
                raise KeyboardInterrupt

    def finish() -> None:
        begun.set()
        until(lambda: not any(thread.name == "jobs 1" for thread in threading.enumerate()))
        notes.append("finished")

    queue.send([message_of(Call(1))])
    only_second = iter([[Breaking()], []])
    threads = JobThreads(
        lambda shared: Loop(
            queue, actions(action_calling(finish)), next(only_second), LoopOptions(wait_seconds=0.05)
        ),
        jobs=2,
    )

    with pytest.raises(ThreadLost):
        threads.run()

    assert notes == ["call 1", "finished"]


def test_a_job_that_calls_exit_has_failed_and_its_worker_lives(queue: MemoryQueue) -> None:
    def leave() -> None:
        raise SystemExit(0)

    queue.send([message_of(Call(1)), message_of(Note("after it"))])
    loop = Loop(queue, actions(action_calling(leave)), [Retries()], LoopOptions(wait_seconds=0))

    loop.drain()

    assert notes == ["call 1", "after it"]
    assert queue.depth().waiting == 1


def test_the_others_finish_before_a_job_that_does_not_end_ends_the_process(
    queue: MemoryQueue, make: Make, exits: list[int], running: Callable[[JobThreads], threading.Thread]
) -> None:
    endless, other = threading.Event(), threading.Event()
    waits = iter([endless, other])

    def wait_for_one() -> None:
        next(waits).wait(PATIENCE_S)
        notes.append("finished")

    queue.send([message_of(Call(1)), message_of(Call(2))])
    threads = make(actions(action_calling(wait_for_one)), jobs=2)
    running(threads)
    until(lambda: len(notes) == 2)

    ending = threading.Thread(target=threads.end, args=(70,))
    ending.start()
    assert exits == []
    other.set()
    ending.join(PATIENCE_S)

    assert (exits, notes[2:]) == ([70], ["finished"])
    endless.set()


def test_a_process_does_not_wait_for_ever_for_the_others(
    queue: MemoryQueue, make: Make, exits: list[int], running: Callable[[JobThreads], threading.Thread]
) -> None:
    endless = threading.Event()
    queue.send([message_of(Call(1)), message_of(Call(2))])
    threads = make(actions(action_calling(lambda: endless.wait(PATIENCE_S))), jobs=2, finish_seconds=0.1)
    running(threads)
    until(lambda: len(notes) == 2)

    threads.end(70)

    assert exits == [70]
    endless.set()
