"""The contract of the worker log, which the back ends for PostgreSQL and DynamoDB keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from server.core.queue.contract import JobRecord

KEEP_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of a job. `outcome` is a value of `Outcome`."""

    message_id: str  # "" when the message could not be read
    action: str
    arguments: Mapping[str, Any]
    attempt: int
    outcome: str
    detail: str
    duration_ms: float
    finished_on: datetime


@dataclass(frozen=True, slots=True)
class ActionRow:
    """Statistics of the runs of one Action. The percentiles are of those that were done; None
    without any."""

    action: str
    runs: int
    done: int
    retried: int
    deferred: int
    dead: int
    p50_ms: float | None
    p95_ms: float | None
    last_on: datetime
    total_ms: float = 0.0  # of all runs


class WorkerLog(Protocol):
    """`write` raises nothing. The other methods raise Unavailable when the service behind the log
    does not answer."""

    written_by_queue: bool
    """True: a queue in the core database writes the row in the same statement as its
    acknowledgement."""

    def write(self, record: JobRecord) -> None:
        """Write one row. A row that cannot be written is dropped, with a line in the log; the job
        is not affected."""

    def runs(self, *, action: str, outcome: str, before: datetime | None, most: int) -> list[RunRow]:
        """Returns runs, the newest first; "" is any."""

    def runs_of(self, message_id: str) -> list[RunRow]:
        """Returns the runs of one message, the newest first."""

    def tallies(self, *, since: datetime, until: datetime | None) -> list[ActionRow]:
        """Returns statistics by Action, in alphabetical order; `until` is not included."""

    def clean(self, *, older_than_days: int) -> int:
        """Delete old rows. Returns how many; 0 when the back end deletes them by itself."""
