"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """Turn one stored report into readings. Reports of one streamer go one at a time."""

    action: ClassVar[str] = "process-report"

    report_id: str
    streamer: str

    @property
    def order_key(self) -> str:
        return self.streamer


@dataclass(frozen=True, slots=True)
class CleanRefusedUploads:
    """Forget refused uploads that are old, or too many."""

    action: ClassVar[str] = "clean-refused-uploads"
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class ForwardReport:
    """Bring one stored report to another server. In no order: one that waits for its next try must not hold up the others."""

    action: ClassVar[str] = "forward-report"
    order_key: ClassVar[str] = ""

    report_id: str


@dataclass(frozen=True, slots=True)
class RequeueWaitingReports:
    """Give reports that wait for a lost job another one. Of those that came before `posted_before` (ISO 8601); without it, the
    job first goes once more through the queue, behind all that waits there."""

    action: ClassVar[str] = "requeue-waiting-reports"
    order_key: ClassVar[str] = ""

    posted_before: str = ""


@dataclass(frozen=True, slots=True)
class KeepDailyCounts:
    """Write down how much there is of everything today."""

    action: ClassVar[str] = "keep-daily-counts"
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class CheckStreamData:
    """Look for stored data that cannot be true. One at a time: each anomaly is told once."""

    action: ClassVar[str] = "check-stream-data"
    order_key: ClassVar[str] = "check-stream-data"
