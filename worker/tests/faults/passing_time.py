"""The clock of the queue in memory, moved by a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from worker.testing import memory_queue


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
