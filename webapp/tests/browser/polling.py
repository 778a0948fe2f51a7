"""Waiting for other processes."""

import threading
import time
from collections.abc import Callable
from typing import Final

PAUSE_S: Final = 0.02


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = 20.0) -> None:
    """Wait until `condition` is true. Raises AssertionError, with `what`, when the time is up."""
    pause = threading.Event()
    end_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end_s, f"{what}: not within {seconds:g} s."
        pause.wait(PAUSE_S)
