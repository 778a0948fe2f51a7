"""For tests of what a job does: post it, run what waits, look at the result."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from server.core.queue import Queue, current_queue
from server.core.queue.backends.memory import MemoryQueue
from worker.action import Action, Retry
from worker.assembly import build_bare_loop
from worker.jobrun import Dead, JobRun
from worker.middleware.base import Middleware
from worker.registry import ACTIONS


class JobDied(AssertionError):
    """A job went to the dead letters without an error of its own; the message is the reason."""


class FirstFailure(Middleware):
    """Keeps the first error, since a test wants to see it and not a log line."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def after(self, run: JobRun) -> None:
        if self.error is not None or isinstance(run.error, Retry):
            return
        if run.error is not None:
            self.error = run.error
        elif isinstance(run.verdict, Dead):
            self.error = JobDied(run.verdict.reason)


def run_pending_jobs(*, raising: bool = True, actions: Mapping[str, type[Action[Any]]] = ACTIONS) -> int:
    """Run what waits on this process's queue, and what those jobs post, until nothing is due; returns the number of runs.

    `raising`: the first failure comes up here, after the rest has run. Jobs that were put off stay on the queue.
    """
    first = FirstFailure()
    runs = build_bare_loop(current_queue(), actions=actions, outermost=[first]).drain()
    if raising and first.error is not None:
        raise first.error
    return runs


def memory_queue() -> MemoryQueue:
    """This process's queue, in tests with QUEUE_BACKEND = "memory"."""
    queue: Queue = current_queue()
    if not isinstance(queue, MemoryQueue):
        raise TypeError(f"The queue of these tests is a {type(queue).__name__}.")
    return queue


@contextmanager
def an_hour_later() -> Iterator[None]:
    """Inside, jobs that were put off are due."""
    queue = memory_queue()
    clock = queue.clock
    queue.clock = lambda: clock() + 3600
    try:
        yield
    finally:
        queue.clock = clock
