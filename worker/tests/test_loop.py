"""The loop with its usual middleware, on the queue in memory."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from server.core.errors import Unavailable
from server.core.queue import Delivery, JobRecord, Message, Outcome, message_of
from server.core.queue.backends.memory import MemoryQueue
from worker.action import Action
from worker.assembly import build_bare_loop
from worker.jobrun import JobRun
from worker.loop import Loop, LoopOptions
from worker.middleware.base import Middleware
from worker.tests.jobs import Call, Note, action_calling, action_raising, actions, notes


def make_loop(
    queue: MemoryQueue,
    table: Mapping[str, type[Action[Any]]] | None = None,
    *,
    outermost: Sequence[Middleware] = (),
) -> Loop:
    return build_bare_loop(queue, actions=actions() if table is None else table, outermost=outermost)


def outcomes(queue: MemoryQueue) -> list[Outcome]:
    return [record.outcome for record in queue.records]


def test_a_job_runs_and_is_gone(queue: MemoryQueue) -> None:
    queue.send([message_of(Note("hello"))])

    runs = make_loop(queue).drain()

    assert (runs, notes, queue.depth().waiting, queue.depth().in_flight) == (1, ["hello"], 0, 0)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("poison", "cannot be read"),
        ('{"id": "1", "action": "unheard-of", "arguments": {}}', "No Action is registered as 'unheard-of'"),
        ('{"id": "1", "action": "os.system", "arguments": {}}', "No Action is registered as 'os.system'"),
        ('{"id": "1", "action": "note", "arguments": {}}', "missing argument 'text'"),
        ('{"id": "1", "action": "note", "arguments": {"text": 5}}', "argument 'text'"),
        ('{"id": "1", "action": "note", "arguments": {"text": "a", "rm": 1}}', "unknown argument 'rm'"),
    ],
)
def test_a_message_that_can_never_run_goes_to_the_dead_letters(
    queue: MemoryQueue, body: str, reason: str
) -> None:
    queue.send_body(body)

    make_loop(queue).drain()

    [dead_letter] = queue.dead_letters(most=10)
    assert (dead_letter.body, reason in dead_letter.reason) == (body, True)


def test_the_job_after_a_bad_one_runs(queue: MemoryQueue) -> None:
    queue.send_body("poison")
    queue.send([message_of(Call()), message_of(Note("still here"))])

    make_loop(queue, actions(action_raising(RecursionError("deep")))).drain()

    assert notes == ["call 0", "still here"]


def test_a_failing_middleware_does_not_stop_the_loop(queue: MemoryQueue) -> None:
    class Broken(Middleware):
        def after(self, run: JobRun) -> None:
            raise RuntimeError("broken")

        def before_receive(self) -> None:
            raise RuntimeError("broken")

    queue.send([message_of(Note("one")), message_of(Note("two"))])

    make_loop(queue, outermost=[Broken()]).drain()

    assert (notes, queue.depth().waiting) == (["one", "two"], 0)


def test_an_error_before_a_job_counts_as_the_jobs_own(queue: MemoryQueue) -> None:
    class Refusing(Middleware):
        def before(self, run: JobRun) -> None:
            raise RuntimeError("not ready")

    queue.send([message_of(Note("one"))])

    make_loop(queue, outermost=[Refusing()]).drain()

    assert (notes, outcomes(queue)) == ([], [Outcome.RETRIED])


def test_hooks_run_in_order_before_and_in_reverse_after(queue: MemoryQueue) -> None:
    class Named(Middleware):
        def __init__(self, name: str) -> None:
            self.name = name

        def before(self, run: JobRun) -> None:
            notes.append(f"before {self.name}")

        def after(self, run: JobRun) -> None:
            notes.append(f"after {self.name}")

    queue.send([message_of(Note("the job"))])

    make_loop(queue, outermost=[Named("outer"), Named("inner")]).drain()

    assert notes == ["before outer", "before inner", "the job", "after inner", "after outer"]


def test_stop_finishes_the_job_in_flight_and_gives_back_the_rest(queue: MemoryQueue) -> None:
    loops: list[Loop] = []
    table = actions(action_calling(lambda: loops[0].stop()))
    loops.append(Loop(queue, table, [], LoopOptions(batch=3)))
    queue.send([message_of(Call(1)), message_of(Call(2)), message_of(Call(3))])

    loops[0].run()

    assert (notes, queue.depth().waiting, queue.depth().in_flight) == (["call 1"], 2, 0)
    [first, _] = queue.receive(most=10, wait_seconds=0, visible_after_seconds=60)
    assert first.attempt == 1


def test_stop_wakes_a_loop_that_waits(queue: MemoryQueue) -> None:
    loop = Loop(queue, actions(), [Signalling(turned := threading.Event())], LoopOptions(wait_seconds=20))
    thread = threading.Thread(target=loop.run)
    thread.start()
    assert turned.wait(20)

    loop.stop()

    thread.join(20)
    assert not thread.is_alive()


def test_an_idle_loop_ends_when_configured_to(queue: MemoryQueue) -> None:
    queue.send([message_of(Note("one"))])

    Loop(queue, actions(), [], LoopOptions(wait_seconds=0, idle_exit_seconds=0)).run()

    assert notes == ["one"]


def test_a_loop_calls_the_hooks_of_its_middleware(queue: MemoryQueue) -> None:
    class Diary(Middleware):
        def starting(self) -> None:
            notes.append("starting")

        def received(self, deliveries: Sequence[Delivery]) -> None:
            notes.append(f"received {len(deliveries)}")

        def idle(self) -> None:
            notes.append("idle")

        def stopping(self) -> None:
            notes.append("stopping")

    queue.send([message_of(Note("the job"))])

    Loop(queue, actions(), [Diary()], LoopOptions(wait_seconds=0, idle_exit_seconds=0)).run()

    assert notes == ["starting", "received 1", "the job", "received 0", "idle", "stopping"]


class Signalling(Middleware):
    def __init__(self, turned: threading.Event) -> None:
        self.turned = turned

    def before_receive(self) -> None:
        self.turned.set()


class FailingQueue(MemoryQueue):
    """Does not answer the first few times."""

    failures: int = 0

    def receive(self, *, most: int, wait_seconds: float, visible_after_seconds: int) -> list[Delivery]:
        if self.failures:
            self.failures -= 1
            raise Unavailable("unavailable")
        return MemoryQueue.receive(
            self, most=most, wait_seconds=wait_seconds, visible_after_seconds=visible_after_seconds
        )


class ForgetfulQueue(MemoryQueue):
    """Does not hear the first acknowledgement."""

    deaf: bool = True

    def delete(self, delivery: Delivery, *, record: JobRecord | None = None) -> None:
        if self.deaf:
            self.deaf = False
            raise Unavailable("unavailable")
        MemoryQueue.delete(self, delivery, record=record)


def test_a_queue_that_was_unavailable_is_tried_again() -> None:
    queue = FailingQueue()
    queue.failures = 2
    queue.send([message_of(Note("after all"))])
    loop = Loop(queue, actions(), [Stopping(after=1, loops=(loops := []))])
    loops.append(loop)

    loop.run()

    assert notes == ["after all"]


class Stopping(Middleware):
    """Stops the loop after so many jobs."""

    def __init__(self, *, after: int, loops: list[Loop]) -> None:
        self.left = after
        self.loops = loops

    def after(self, run: JobRun) -> None:
        self.left -= 1
        if not self.left:
            self.loops[0].stop()


def test_a_job_whose_acknowledgement_was_lost_runs_again() -> None:
    queue = ForgetfulQueue()
    queue.send([Message("1", "note", {"text": "twice"})])
    loop = Loop(queue, actions(), [], LoopOptions(visible_after_seconds=0))

    loop.drain()

    assert (notes, queue.depth().waiting) == (["twice", "twice"], 0)


def test_a_failed_job_that_nobody_judged_comes_again(queue: MemoryQueue) -> None:
    queue.send([message_of(Call())])

    Loop(queue, actions(action_raising(ValueError("x"))), []).drain()

    assert (queue.depth().in_flight, queue.depth().dead) == (1, 0)


class Pause:
    """A pause that a test switches on and off."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    def __call__(self) -> bool:
        return self.on


def test_a_paused_loop_takes_nothing(queue: MemoryQueue) -> None:
    pause = Pause(on=True)
    queue.send([message_of(Note("later"))])
    loop = Loop(queue, actions(), [], LoopOptions(wait_seconds=0), is_paused=pause)

    while_paused = loop.drain()
    pause.on = False
    after = loop.drain()

    assert (while_paused, after, notes) == (0, 1, ["later"])


def test_a_loop_that_is_paused_in_the_middle_of_a_batch_gives_back_the_rest(queue: MemoryQueue) -> None:
    pause = Pause(on=False)

    def begin_pause() -> None:
        pause.on = True

    queue.send([message_of(Call(1)), message_of(Call(2)), message_of(Call(3))])
    options = LoopOptions(batch=3, wait_seconds=0)
    loop = Loop(queue, actions(action_calling(begin_pause)), [], options, is_paused=pause)

    loop.drain()

    assert (notes, queue.depth().waiting, queue.depth().in_flight) == (["call 1"], 2, 0)
    [first, _] = queue.receive(most=10, wait_seconds=0, visible_after_seconds=60)
    assert first.attempt == 1


def test_a_paused_loop_calls_its_middleware_and_can_be_stopped(queue: MemoryQueue) -> None:
    class Resting(Middleware):
        def before_receive(self) -> None:
            notes.append("before_receive")

        def paused(self) -> None:
            notes.append("paused")
            loops[0].stop()

    loops = [Loop(queue, actions(), [Resting()], LoopOptions(wait_seconds=20), is_paused=Pause(on=True))]

    loops[0].run()

    assert notes == ["paused"]
