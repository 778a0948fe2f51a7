"""Helpers for tests of jobs: post one, run what waits, look at the result."""

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
    """A job became a dead letter without an error; the message is the reason."""


class FirstFailure(Middleware):
    """Keeps the first error, for a test to raise it."""

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
    """Run the jobs on this process's queue, and those that they post, until nothing is due. Returns
    the number of runs.

    With `raising`, raises the first failure after the rest has run. Deferred jobs stay on the
    queue.
    """
    first = FirstFailure()
    runs = build_bare_loop(current_queue(), actions=actions, outermost=[first]).drain()
    if raising and first.error is not None:
        raise first.error
    return runs


def memory_queue() -> MemoryQueue:
    """Returns this process's queue, in tests with QUEUE_BACKEND = "memory"."""
    queue: Queue = current_queue()
    if not isinstance(queue, MemoryQueue):
        raise TypeError(f"The queue of these tests is a {type(queue).__name__}.")
    return queue


@contextmanager
def an_hour_later() -> Iterator[None]:
    """Inside, deferred jobs are due."""
    queue = memory_queue()
    clock = queue.clock
    queue.clock = lambda: clock() + 3600
    try:
        yield
    finally:
        queue.clock = clock
