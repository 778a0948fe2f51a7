"""Ending at once, but never in the middle of a change."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(Exception):
    """Somebody asked us to end."""


class Stop:
    """A signal is noted; where the program only waits, it ends the waiting."""

    def __init__(self) -> None:
        self.is_wanted = False
        self._only_waiting = False

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)

    def ask(self, number: int, frame: FrameType | None) -> None:
        self.is_wanted = True
        if self._only_waiting:
            raise Stopped

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Around what may be left at any point. Raises Stopped."""
        try:
            self._only_waiting = True
            if self.is_wanted:
                raise Stopped
            yield
        finally:
            self._only_waiting = False
