"""Pausing the queue: no worker takes a message, while posting still works. The pause is a row of
the core database, so it applies to every worker and back end and survives a restart."""

import threading
import time
from typing import Final

import structlog
from django.db import Error, close_old_connections

from server.core.queue.models import QueuePause

log = structlog.get_logger(__name__)

CHECK_EVERY_S: Final = 1.0


def pause(by: str, reason: str) -> QueuePause:
    """Pause the queue; workers notice within a second. `by` is an account's slug, or a name of the
    person at the terminal. A second pause replaces the reason of the first."""
    row, _ = QueuePause.objects.update_or_create(pk=1, defaults={"paused_by": by, "reason": reason})
    log.warning("queue paused", by=by, reason=reason)
    return row


def resume() -> bool:
    """End the pause. Returns whether there was one."""
    count, _ = QueuePause.objects.all().delete()
    if count:
        log.warning("queue resumed")
    return bool(count)


def paused() -> QueuePause | None:
    return QueuePause.objects.first()


class PauseWatch:
    """The pause as a worker sees it, which asks before every job: one query a second, whatever the
    number of jobs and threads."""

    def __init__(self, *, check_every_seconds: float = CHECK_EVERY_S) -> None:
        self._check_every_seconds = check_every_seconds
        self._lock = threading.Lock()
        self._next_check_s = 0.0
        self._paused = False

    def is_paused(self) -> bool:
        """While the database does not answer, returns what it answered last."""
        with self._lock:
            now = time.monotonic()
            if now < self._next_check_s:
                return self._paused
            self._next_check_s = now + self._check_every_seconds
        try:
            self._paused = QueuePause.objects.exists()
        except Error as error:
            log.warning("cannot see whether the queue is paused", reason=str(error))
            close_old_connections()  # it is broken; the next check opens another
        return self._paused
