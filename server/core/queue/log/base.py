"""What a worker log is. Two back ends pass one test-suite (`server/core/queue/tests/test_worker_log.py`)."""

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
    """How the runs of one Action went. The percentiles are of those that were done; None: none was."""

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
    """`write` raises nothing. The others raise Unavailable when the service behind the log does not answer."""

    written_by_queue: bool
    """True: a queue in the core database writes the row in the same statement as its acknowledgement."""

    def write(self, record: JobRecord) -> None:
        """A job is not lost for its row: what cannot be written is dropped, with a line in the log."""

    def runs(self, *, action: str, outcome: str, before: datetime | None, most: int) -> list[RunRow]:
        """The newest first; "" is any."""

    def runs_of(self, message_id: str) -> list[RunRow]:
        """The newest first."""

    def tallies(self, *, since: datetime, until: datetime | None) -> list[ActionRow]:
        """By Action, in alphabetical order; `until` is not included."""

    def clean(self, *, older_than_days: int) -> int:
        """Forget old rows; returns how many. A log that forgets by itself returns 0."""
