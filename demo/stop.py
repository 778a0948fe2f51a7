"""Ending at once, but never in the middle of a change."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequested(Exception):
    """Somebody asked us to end."""


class Stop:
    """A signal is noted; where the program only waits, it ends the waiting."""

    def __init__(self) -> None:
        self.is_requested = False
        self._is_interruptible = False

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.request)

    def request(self, number: int, frame: FrameType | None) -> None:
        self.is_requested = True
        if self._is_interruptible:
            raise StopRequested

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Around what may be left at any point. Raises StopRequested."""
        try:
            self._is_interruptible = True
            if self.is_requested:
                raise StopRequested
            yield
        finally:
            self._is_interruptible = False
