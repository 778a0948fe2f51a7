"""Ends the process of a job that runs past its limit; the parent starts another. Other jobs of that
process get some time to finish (`worker/job_threads.py`).

Python code cannot be stopped from outside in a known state, and a signal does not reach code that
waits in a library. Every queue and database can handle a worker that is gone.
"""

import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Final

import structlog

from worker.jobrun import JobRun
from worker.middleware.base import Middleware
from worker.ticker import Ticker

log = structlog.get_logger(__name__)

GRACE_S: Final = 10  # beyond `max_seconds`, when the message's visibility is no longer extended
EXIT_CODE: Final = 70


class TimeLimit(Middleware):
    def __init__(
        self,
        *,
        grace_seconds: float = GRACE_S,
        check_every_seconds: float = 1.0,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._grace_seconds = grace_seconds
        self._end = end
        self._run: JobRun | None = None
        self._thread = 0
        self._ticker = Ticker("time limit", self.check, every_seconds=check_every_seconds)

    def starting(self) -> None:
        self._ticker.start()

    def stopping(self) -> None:
        self._ticker.stop()

    def before(self, run: JobRun) -> None:
        self._thread = threading.get_ident()
        self._run = run

    def after(self, run: JobRun) -> None:
        self._run = None

    def check(self) -> None:
        run = self._run
        if run is None or run.action is None or run.delivery.message is None:
            return
        if run.seconds() < run.action.max_seconds + self._grace_seconds:
            return
        log.error(
            "job over its time limit ends its process",
            job=run.delivery.message.id,
            action=run.delivery.message.action,
            seconds=round(run.seconds()),
            stack=_stack_of(self._thread),
        )
        self._end(EXIT_CODE)


def _stack_of(thread: int) -> str:
    frame = sys._current_frames().get(thread)
    return "".join(traceback.format_stack(frame)[-8:]) if frame else ""
