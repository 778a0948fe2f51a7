"""A pause: while it lasts no worker takes a message, and everybody may still post. For maintenance, and to look before more
harm is done. It lives in the core database, so it holds for every worker on every back end and outlives a restart."""

import threading
import time
from typing import Final

import structlog
from django.db import Error, close_old_connections

from server.core.queue.models import QueuePause

log = structlog.get_logger(__name__)

CHECK_EVERY_S: Final = 1.0


def pause(by: str, reason: str) -> QueuePause:
    """From a second later on. `by` is an account's slug, or a word for who is at the keyboard. A second pause replaces the
    reason of the first."""
    row, _ = QueuePause.objects.update_or_create(pk=1, defaults={"paused_by": by, "reason": reason})
    log.warning("queue paused", by=by, reason=reason)
    return row


def resume() -> bool:
    """Says whether there was a pause."""
    count, _ = QueuePause.objects.all().delete()
    if count:
        log.warning("queue resumed")
    return bool(count)


def paused() -> QueuePause | None:
    return QueuePause.objects.first()


class PauseWatch:
    """For a worker, which asks before every job: one query a second at most, whatever the number of jobs and threads."""

    def __init__(self, *, check_every_seconds: float = CHECK_EVERY_S) -> None:
        self._check_every_seconds = check_every_seconds
        self._lock = threading.Lock()
        self._next_check_s = 0.0
        self._paused = False

    def is_paused(self) -> bool:
        """While the database does not answer, what it last said."""
        with self._lock:
            now = time.monotonic()
            if now < self._next_check_s:
                return self._paused
            self._next_check_s = now + self._check_every_seconds
        try:
            self._paused = QueuePause.objects.exists()
        except Error as error:
            log.warning("cannot see whether the queue is paused", reason=str(error))
            close_old_connections()  # a broken one; the next look makes another
        return self._paused
