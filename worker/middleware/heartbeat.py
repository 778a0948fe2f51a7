"""Writes every ten seconds that this process is alive, which jobs it runs, and how many it has
done. From a separate thread, so that a long job does not look like a dead worker; jobs only update
figures in memory."""

import os
import socket
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import structlog
from django.db import Error, connections

from server.core.databases import storable
from server.core.queue import Outcome
from server.core.queue.watching.workers import WorkerHeartbeat, record_heartbeat
from worker.jobrun import JobRun
from worker.middleware.base import Middleware
from worker.middleware.logging import outcome_of
from worker.ticker import Ticker

log = structlog.get_logger(__name__)

EVERY_S: Final = 10.0


class Heartbeat(Middleware):
    """One per process; the loops of its threads share it."""

    def __init__(
        self,
        *,
        every_seconds: float = EVERY_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self._id = uuid.uuid4()
        self._lock = threading.Lock()
        self._loops = 0
        self._jobs_at_a_time = 0  # the highest number of loops; it stays while loops stop
        self._in_flight: dict[int, tuple[str, str, datetime]] = {}  # by id() of the run
        self._done = 0
        self._failed = 0
        self._every_seconds = every_seconds
        self._ticker: Ticker | None = None

    def starting(self) -> None:
        with self._lock:
            self._loops += 1
            self._jobs_at_a_time = max(self._jobs_at_a_time, self._loops)
            first = self._loops == 1
        if first:
            self._ticker = Ticker("heartbeat", self._beat_from_thread, every_seconds=self._every_seconds)
            self.beat()
            self._ticker.start()

    def stopping(self) -> None:
        with self._lock:
            self._loops -= 1
            last = self._loops == 0
        if last and self._ticker is not None:
            self._ticker.stop()
            self.beat(stopped=True)

    def before(self, run: JobRun) -> None:
        message = run.delivery.message
        if message is not None and run.action is not None:
            self._in_flight[id(run)] = (message.action, message.id, self._clock())

    def after(self, run: JobRun) -> None:
        """Outside of Retries, which sets the verdict."""
        outcome, _ = outcome_of(run)
        with self._lock:
            self._in_flight.pop(id(run), None)
            if outcome is Outcome.DONE:
                self._done += 1
            else:
                self._failed += 1

    def beat(self, *, stopped: bool = False) -> None:
        """Write a heartbeat. When the database is unavailable, the next heartbeat tries again."""
        try:
            record_heartbeat(self._snapshot(stopped))
        except Error as error:
            log.warning("heartbeat not written", reason=str(error))

    def _beat_from_thread(self) -> None:
        try:
            self.beat()
        finally:
            connections.close_all()

    def _snapshot(self, stopped: bool) -> WorkerHeartbeat:
        with self._lock:
            in_flight: list[dict[str, Any]] = [
                {
                    "action": action,
                    "id": storable(identifier[:100]),  # any text may be the id of a message
                    "since": since.isoformat(timespec="milliseconds"),
                }
                for action, identifier, since in self._in_flight.values()
            ]
            return WorkerHeartbeat(
                id=self._id,
                host=socket.gethostname(),
                pid=os.getpid(),
                jobs_at_a_time=self._jobs_at_a_time,
                in_flight=in_flight,
                done=self._done,
                failed=self._failed,
                stopped=stopped,
            )


def heartbeat_of_this_process() -> Heartbeat:
    """Returns one per process: a forked child must not report as its parent."""
    return _heartbeat_of(os.getpid())


@cache
def _heartbeat_of(pid: int) -> Heartbeat:
    return Heartbeat()
