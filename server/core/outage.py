"""An outage of Redis as this process knows it."""

import time
from typing import Final

import structlog

log = structlog.get_logger(__name__)

RETRY_AFTER_S: Final = 2.0  # after a failure: nobody waits for Redis earlier than that
WARN_EVERY_S: Final = 60.0


class Outage:
    """When to try again, and when to log the next warning, which is `event`."""

    def __init__(self, event: str, *, retry_after_s: float = RETRY_AFTER_S) -> None:
        self._event = event
        self._retry_after_s = retry_after_s
        self._retry_at_s = 0.0
        self._warn_at_s = 0.0

    def is_over(self) -> bool:
        return time.monotonic() >= self._retry_at_s

    def record_failure(self, error: Exception) -> None:
        now = time.monotonic()
        self._retry_at_s = now + self._retry_after_s
        if now >= self._warn_at_s:
            self._warn_at_s = now + WARN_EVERY_S
            log.warning(self._event, reason=repr(error.__cause__))
