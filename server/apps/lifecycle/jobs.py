"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar

from server.core.lanes import Lane


@dataclass(frozen=True, slots=True)
class DeviceJob:
    """Work on one device, which is busy until it is done; jobs of a device run one at a time.
    `state`: the device's state after it."""

    action: ClassVar[str]
    lane: ClassVar[Lane] = Lane.LONG

    pid: str
    device: int
    state: str

    @property
    def order_key(self) -> str:
        return f"device-{self.device}"


@dataclass(frozen=True, slots=True)
class ArchiveDevice(DeviceJob):
    """Move the data of a device into a data block. `label`: of the device after it."""

    action: ClassVar[str] = "archive-device"

    block: str
    label: str


@dataclass(frozen=True, slots=True)
class MoveDevice(DeviceJob):
    """Move a device into another project (its UUID), with or without its history."""

    action: ClassVar[str] = "move-device"

    project: str
    with_data: bool


@dataclass(frozen=True, slots=True)
class TrimDevice(DeviceJob):
    """Delete what a device measured before `start` and after `end` (ISO 8601; "" for no bound)."""

    action: ClassVar[str] = "trim-device"

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class ResetDevice(DeviceJob):
    """Delete what a device sent before `before` (ISO 8601). `full`: it may send it again."""

    action: ClassVar[str] = "reset-device"

    before: str
    full: bool
    include_properties: bool
    include_notes_and_locations: bool


@dataclass(frozen=True, slots=True)
class UnclaimDevice(DeviceJob):
    """Take a device out of its project. `clean_streams`: delete its data too."""

    action: ClassVar[str] = "unclaim-device"

    label: str
    clean_streams: bool


@dataclass(frozen=True, slots=True)
class DeleteProject:
    """Delete a project (its UUID) with its data."""

    action: ClassVar[str] = "delete-project"
    lane: ClassVar[Lane] = Lane.LONG

    pid: str
    project: str

    @property
    def order_key(self) -> str:
        return self.project


@dataclass(frozen=True, slots=True)
class RepairDevice(DeviceJob):
    """Apply a planned repair (its id) of a device."""

    action: ClassVar[str] = "repair-device"

    repair: str


@dataclass(frozen=True, slots=True)
class UndoRepair(DeviceJob):
    """Undo an applied repair (its id) of a device."""

    action: ClassVar[str] = "undo-repair"

    repair: str


@dataclass(frozen=True, slots=True)
class CheckRollups:
    """Compare hourly sums and latest values of some recently reporting devices with their
    readings."""

    action: ClassVar[str] = "check-rollups"
    lane: ClassVar[Lane] = Lane.LONG
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class ForgetOldRepairs:
    """Delete repairs that are too old to be undone."""

    action: ClassVar[str] = "forget-old-repairs"
    lane: ClassVar[Lane] = Lane.LONG
    order_key: ClassVar[str] = ""
