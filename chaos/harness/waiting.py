"""Waiting for something that another process does."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

_LOOK_EVERY_S: Final = 0.002


def until(condition: Callable[[], T], *, what: str, seconds: float = 20) -> T:
    """The first answer that is true. Fails when none comes in time."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        threading.Event().wait(_LOOK_EVERY_S)
    return answer
