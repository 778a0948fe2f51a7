"""Stopping on a signal: at once while the program waits, never in the middle of a change."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequested(Exception):
    """A signal asked the program to stop."""


class Stop:
    """Remembers a signal, and interrupts the blocks that are `interruptible`."""

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
        """Around code that may be left at any point. Raises StopRequested."""
        try:
            self._is_interruptible = True
            if self.is_requested:
                raise StopRequested
            yield
        finally:
            self._is_interruptible = False
