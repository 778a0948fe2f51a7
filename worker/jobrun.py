"""One run of one job, as the loop and its middleware pass it around, and the three ways it can end."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.core.queue import Counts, Delivery, JobRecord
from worker.action import Action


@dataclass(frozen=True, slots=True)
class Done:
    """Delete the message."""


@dataclass(frozen=True, slots=True)
class Requeue:
    """Give the message back."""

    delay_seconds: int
    counts: Counts
    reason: str


@dataclass(frozen=True, slots=True)
class Dead:
    """To the dead letters."""

    reason: str


Verdict = Done | Requeue | Dead


@dataclass(slots=True)
class JobRun:
    delivery: Delivery
    action: Action[Any] | None = None  # None: nobody knows this message, and `verdict` says so
    job: Any = None
    error: Exception | None = None
    verdict: Verdict | None = None  # set before the job is executed: it is not executed
    record: JobRecord | None = None
    clock: Callable[[], float] = time.monotonic
    started_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.started_s = self.clock()

    def seconds(self) -> float:
        return self.clock() - self.started_s
