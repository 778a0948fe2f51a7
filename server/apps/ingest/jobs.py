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
