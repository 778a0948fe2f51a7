"""The queue's own housekeeping."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SweepOutbox:
    """Send what did not get to the queue on commit."""

    action: ClassVar[str] = "sweep-outbox"
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class CleanJobLog:
    """Forget old rows of the worker log."""

    action: ClassVar[str] = "clean-job-log"
    order_key: ClassVar[str] = ""
