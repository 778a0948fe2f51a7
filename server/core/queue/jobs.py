"""The queue's own housekeeping."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SweepOutbox:
    """Send messages that could not be sent on commit."""

    action: ClassVar[str] = "sweep-outbox"
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class CleanJobLog:
    """Delete old rows of the worker log."""

    action: ClassVar[str] = "clean-job-log"
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Ping:
    """Write a line to the log, to test whether jobs run."""

    action: ClassVar[str] = "ping"
    order_key: ClassVar[str] = ""

    message: str = ""


@dataclass(frozen=True, slots=True)
class CheckWorkerHealth:
    """Look for new dead letters and for jobs that wait too long. That it runs at all shows that the
    worker works."""

    action: ClassVar[str] = "worker-health-check"
    order_key: ClassVar[str] = "worker-health-check"


@dataclass(frozen=True, slots=True)
class CollectWorkerStatistics:
    """Count the jobs of past days, by Action."""

    action: ClassVar[str] = "collect-worker-statistics"
    order_key: ClassVar[str] = "collect-worker-statistics"


@dataclass(frozen=True, slots=True)
class CleanWorkerProcesses:
    """Delete rows of worker processes that have not been seen for a day."""

    action: ClassVar[str] = "clean-worker-processes"
    order_key: ClassVar[str] = ""
