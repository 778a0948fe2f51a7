"""Several jobs at a time in one process: a loop in each of its threads, with connections and a queue of its own.

Jobs that wait for a database or for somebody's server overlap; for jobs that calculate take more processes.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from django.db import connections

from server.core.queue.wake import Wake
from worker.assembly import SharedParts
from worker.loop import Loop

log = structlog.get_logger(__name__)

OTHERS_MAY_FINISH_S: Final = 9.0
CHECK_EVERY_S: Final = 0.5


class ThreadLost(Exception):
    """One of the threads has ended as it should not: the process ends too, and its parent starts another."""


@dataclass(slots=True)
class JobThreads:
    """`make` builds one loop; its argument is what all of them share."""

    make: Callable[[SharedParts], Loop]
    jobs: int
    exit: Callable[[int], object] = os._exit
    others_may_finish_seconds: float = OTHERS_MAY_FINISH_S
    _loops: list[Loop] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lost: bool = False
    _wake: Wake = field(default_factory=Wake)

    def __post_init__(self) -> None:
        shared = SharedParts(end=self.end)
        self._loops = [self.make(shared) for _ in range(self.jobs)]

    def run(self) -> None:
        """Until all loops have ended. Raises ThreadLost when one of them broke off, after the others have finished."""
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
        """Every thread finishes the job in hand. Safe in a signal handler."""
        for loop in self._loops:
            loop.stop()

    def end(self, code: int) -> None:
        """One job does not come to an end, and its thread cannot be ended. The others may finish theirs first: they would count
        it as an attempt."""
        self.stop()
        until = time.monotonic() + self.others_may_finish_seconds
        while sum(thread.is_alive() for thread in self._threads) > 1 and time.monotonic() < until:
            time.sleep(CHECK_EVERY_S / 10)
        self.exit(code)

    def _run_loop(self, loop: Loop) -> None:
        try:
            loop.run()
        except BaseException:  # also a job's sys.exit, which would end a thread without a word
            log.exception("worker thread broke off", thread=threading.current_thread().name)
            self._lost = True
            self.stop()
        finally:
            connections.close_all()
            self._wake.set()
