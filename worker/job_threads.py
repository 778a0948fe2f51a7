"""Several jobs at a time in one process: each thread has a loop, a queue and connections of its
own. That helps jobs that wait for a database or another server; for jobs that calculate use more
processes."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from django.db import connections

from server.core.wake import Wake
from worker.assembly import SharedParts
from worker.loop import Loop

log = structlog.get_logger(__name__)

OTHERS_MAY_FINISH_S: Final = 9.0
CHECK_EVERY_S: Final = 0.5


class ThreadLost(Exception):
    """One of the threads ended unexpectedly: the process ends too, and its parent starts
    another."""


@dataclass(slots=True)
class JobThreads:
    """`make` builds one loop from the parts that all of them share."""

    make: Callable[[SharedParts], Loop]
    jobs: int
    others: Sequence[Callable[[SharedParts], Loop]] = ()
    """Each builds a further loop, for another lane."""
    exit: Callable[[int], object] = os._exit
    others_may_finish_seconds: float = OTHERS_MAY_FINISH_S
    _loops: list[Loop] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lost: bool = False
    _wake: Wake = field(default_factory=Wake)

    def __post_init__(self) -> None:
        shared = SharedParts(end=self.end)
        self._loops = [make(shared) for make in (*[self.make] * self.jobs, *self.others)]

    def run(self) -> None:
        """Run until all loops have ended. Raises ThreadLost when one ended unexpectedly, after the
        others have finished."""
        self._threads = [
            threading.Thread(target=self._run_loop, args=(loop,), name=f"jobs {number}", daemon=True)
            for number, loop in enumerate(self._loops, start=1)
        ]
        for thread in self._threads:
            thread.start()
        while any(thread.is_alive() for thread in self._threads):
            self._wake.wait(CHECK_EVERY_S)  # here signals are handled
        if self._lost:
            raise ThreadLost

    def stop(self) -> None:
        """Let every thread finish its current job, then end. Safe in a signal handler."""
        for loop in self._loops:
            loop.stop()

    def end(self, code: int) -> None:
        """End the process because of a job that does not end: its thread cannot be stopped. The
        other threads may finish their jobs first, or these would count as attempts."""
        self.stop()
        until = time.monotonic() + self.others_may_finish_seconds
        while sum(thread.is_alive() for thread in self._threads) > 1 and time.monotonic() < until:
            time.sleep(CHECK_EVERY_S / 10)
        self.exit(code)

    def _run_loop(self, loop: Loop) -> None:
        try:
            loop.run()
        except BaseException:  # also a job's sys.exit, which would end a thread silently
            log.exception("worker thread broke off", thread=threading.current_thread().name)
            self._lost = True
            self.stop()
        finally:
            connections.close_all()
            self._wake.set()
