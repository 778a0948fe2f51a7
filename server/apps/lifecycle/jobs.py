"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ArchiveDevice:
    """Give what a device measured to a data block. `state` and `label`: what the device has afterwards."""

    action: ClassVar[str] = "archive-device"

    pid: str
    device: int
    block: str
    state: str
    label: str

    @property
    def order_key(self) -> str:
        return f"device-{self.device}"


@dataclass(frozen=True, slots=True)
class MoveDevice:
    """Bring a device into another project (its UUID), with its history or without."""

    action: ClassVar[str] = "move-device"

    pid: str
    device: int
    project: str
    with_data: bool
    state: str

    @property
    def order_key(self) -> str:
        return f"device-{self.device}"


@dataclass(frozen=True, slots=True)
class TrimDevice:
    """Delete what a device measured before `start` and after `end` (ISO 8601; "" for no bound)."""

    action: ClassVar[str] = "trim-device"

    pid: str
    device: int
    start: str
    end: str
    state: str

    @property
    def order_key(self) -> str:
        return f"device-{self.device}"


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


@dataclass(frozen=True, slots=True)
class DeleteProject:
    """By its UUID."""

    action: ClassVar[str] = "delete-project"

    pid: str
    project: str

    @property
    def order_key(self) -> str:
        return self.project


@dataclass(frozen=True, slots=True)
class RepairDevice:
    """Carry out a planned repair (its id) of a device."""

    action: ClassVar[str] = "repair-device"

    pid: str
    device: int
    repair: str
    state: str

    @property
    def order_key(self) -> str:
        return f"device-{self.device}"


@dataclass(frozen=True, slots=True)
class UndoRepair:
    """Take a repair back."""

    action: ClassVar[str] = "undo-repair"

    pid: str
    device: int
    repair: str
    state: str

    @property
    def order_key(self) -> str:
        return f"device-{self.device}"


@dataclass(frozen=True, slots=True)
class CheckRollups:
    """Compare hourly sums and latest values of some devices that reported lately with their readings."""

    action: ClassVar[str] = "check-rollups"
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class ForgetOldRepairs:
    """Forget repairs that are too old to be taken back."""

    action: ClassVar[str] = "forget-old-repairs"
    order_key: ClassVar[str] = ""
