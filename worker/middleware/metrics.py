"""Counts the runs of jobs, and serves `/metrics` of a worker if it has a port for it."""

from typing import Final

import structlog

from server.core.metrics import JOB_SECONDS, JOBS
from server.core.metrics.listener import Listener
from worker.jobrun import JobRun
from worker.middleware.base import Middleware
from worker.middleware.logging import outcome_of
from worker.ticker import Ticker

log = structlog.get_logger(__name__)

UNKNOWN_ACTION: Final = "unknown"  # one series for all messages of other programs
TRY_EVERY_S: Final = 5.0


class Metrics(Middleware):
    def after(self, run: JobRun) -> None:
        """Outside of Retries, which sets the verdict."""
        action = run.delivery.message.action if run.action and run.delivery.message else UNKNOWN_ACTION
        outcome, _ = outcome_of(run)
        JOBS.labels(action, outcome.value).inc()
        JOB_SECONDS.labels(action).observe(run.seconds())


class ServeMetrics(Middleware):
    """The children of one worker share the port: one of them has it, and the others try to get it
    until it is free."""

    def __init__(self, host: str, port: int, *, try_every_seconds: float = TRY_EVERY_S) -> None:
        self._port = port
        self._listener = Listener(host, port)
        self._ticker = Ticker("metrics port", self._try, every_seconds=try_every_seconds)
        self._open = False

    def starting(self) -> None:
        self._try()
        self._ticker.start()

    def stopping(self) -> None:
        self._ticker.stop()
        self._listener.close()

    def _try(self) -> None:
        if not self._open and self._listener.open():
            self._open = True
            log.info("metrics shown", port=self._port)
