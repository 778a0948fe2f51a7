"""Extends the visibility time of a message while its job runs, so that no other worker gets it, up
to the job's time limit. After that another worker may take the message, and `time_limit` ends this
process. A thread checks every second, so a short job costs nothing."""

import threading
import time
from collections.abc import Callable, Sequence

import structlog
from django.db import connections

from server.core.errors import Unavailable
from server.core.queue import Delivery, Queue
from worker.jobrun import JobRun
from worker.middleware.base import Middleware
from worker.ticker import Ticker

log = structlog.get_logger(__name__)


class Visibility(Middleware):
    def __init__(
        self,
        queue: Queue,
        *,
        visible_after_seconds: int,
        check_every_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._queue = queue
        self._visible_after_seconds = visible_after_seconds
        self._lock = threading.Lock()
        self._extended_s: dict[int, float] = {}  # by id() of the delivery
        self._in_flight: dict[int, Delivery] = {}
        self._run: JobRun | None = None
        self._ticker = Ticker("visibility", self.extend_due, every_seconds=check_every_seconds)

    def starting(self) -> None:
        self._ticker.start()

    def stopping(self) -> None:
        self._ticker.stop()

    def received(self, deliveries: Sequence[Delivery]) -> None:
        now = self._clock()
        with self._lock:
            self._in_flight = {id(delivery): delivery for delivery in deliveries}
            self._extended_s = dict.fromkeys(self._in_flight, now)

    def before(self, run: JobRun) -> None:
        self._run = run

    def after(self, run: JobRun) -> None:
        self._run = None
        with self._lock:
            self._in_flight.pop(id(run.delivery), None)

    def extend_due(self) -> None:
        """Extend deliveries that have used a third of their time; if that fails, there is time for
        two more tries."""
        now, due_s = self._clock(), self._visible_after_seconds / 3
        with self._lock:
            due = [
                delivery
                for place, delivery in self._in_flight.items()
                if now - self._extended_s[place] >= due_s
            ]
        if not due:
            return
        try:
            for delivery in due:
                self._extend(delivery, now)
        finally:
            connections.close_all()  # this thread's own, which only long jobs need

    def _extend(self, delivery: Delivery, now: float) -> None:
        if self._is_over_its_limit(delivery):
            return
        try:
            self._queue.extend(delivery, visible_after_seconds=self._visible_after_seconds)
        except Unavailable as error:
            log.warning("visibility not extended", reason=str(error))
            return
        self._extended_s[id(delivery)] = now

    def _is_over_its_limit(self, delivery: Delivery) -> bool:
        run = self._run
        if run is None or run.delivery is not delivery or run.action is None:
            return False
        return run.seconds() >= run.action.max_seconds
