"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar

from server.core.lanes import Lane


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """Turn one stored report into readings. Reports of one streamer are processed one at a time."""

    action: ClassVar[str] = "process-report"

    report_id: str
    streamer: str

    @property
    def order_key(self) -> str:
        return self.streamer


@dataclass(frozen=True, slots=True)
class CleanRefusedUploads:
    """Delete refused uploads that are old, or too many."""

    action: ClassVar[str] = "clean-refused-uploads"
    lane: ClassVar[Lane] = Lane.LONG
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class CleanReportFiles:
    """Delete the files of processed reports that are older than `REPORT_FILES_KEEP_DAYS`."""

    action: ClassVar[str] = "clean-report-files"
    lane: ClassVar[Lane] = Lane.LONG
    order_key: ClassVar[str] = "clean-report-files"


@dataclass(frozen=True, slots=True)
class ForwardReport:
    """Forward one stored report to another server. In no order: one that waits for its next attempt
    must not block the others."""

    action: ClassVar[str] = "forward-report"
    lane: ClassVar[Lane] = Lane.LONG
    order_key: ClassVar[str] = ""

    report_id: str


@dataclass(frozen=True, slots=True)
class RequeueWaitingReports:
    """Post another job for reports whose job was lost, of those that came before `posted_before`
    (ISO 8601). Without it the job first passes through the queue once more, behind everything that
    waits there."""

    action: ClassVar[str] = "requeue-waiting-reports"
    order_key: ClassVar[str] = ""

    posted_before: str = ""


@dataclass(frozen=True, slots=True)
class KeepDailyCounts:
    """Store today's counts of everything on this installation."""

    action: ClassVar[str] = "keep-daily-counts"
    lane: ClassVar[Lane] = Lane.LONG
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class CheckStreamData:
    """Find stored data that cannot be true. One at a time: each anomaly is reported once."""

    action: ClassVar[str] = "check-stream-data"
    lane: ClassVar[Lane] = Lane.LONG
    order_key: ClassVar[str] = "check-stream-data"
