"""Periodic calls from a separate thread, for what must happen while a job runs."""

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Ticker:
    def __init__(self, name: str, call: Callable[[], None], *, every_seconds: float) -> None:
        self._name = name
        self._call = call
        self._every_seconds = every_seconds
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait until the thread has ended."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every_seconds):
            try:
                self._call()
            except Exception:  # the thread must go on
                log.exception("worker thread failed", thread=self._name)
