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
class ResetDevice:
    """Delete what a device brought before `before` (ISO 8601). `full`: it may bring it again."""

    action: ClassVar[str] = "reset-device"

    pid: str
    device: int
    before: str
    full: bool
    include_properties: bool
    include_notes_and_locations: bool
    state: str

    @property
    def order_key(self) -> str:
        return f"device-{self.device}"


@dataclass(frozen=True, slots=True)
class UnclaimDevice:
    """Take a device out of its project. `clean_streams`: its data goes too."""

    action: ClassVar[str] = "unclaim-device"

    pid: str
    device: int
    label: str
    clean_streams: bool
    state: str

    @property
    def order_key(self) -> str:
        return f"device-{self.device}"
