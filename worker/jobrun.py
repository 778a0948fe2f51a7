"""One run of a job, which the loop passes to its middleware, and the verdicts: what then happens to
the message."""

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
    """Release the message: it is delivered again."""

    delay_seconds: int
    counts: Counts
    reason: str


@dataclass(frozen=True, slots=True)
class Dead:
    """Move the message to the dead letters."""

    reason: str


Verdict = Done | Requeue | Dead


@dataclass(slots=True)
class JobRun:
    delivery: Delivery
    action: Action[Any] | None = None  # None: the message is unknown, and `verdict` says why
    job: Any = None
    error: Exception | None = None
    verdict: Verdict | None = None  # when set before the job is executed, the job is not executed
    record: JobRecord | None = None
    clock: Callable[[], float] = time.monotonic
    started_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.started_s = self.clock()

    def seconds(self) -> float:
        return self.clock() - self.started_s
