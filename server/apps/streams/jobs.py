"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class MakePartitions:
    """Make the partitions of the months to come."""

    action: ClassVar[str] = "make-partitions"
    order_key: ClassVar[str] = ""


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
class DeleteDataBlock:
    action: ClassVar[str] = "delete-data-block"

    pid: str
    block: str

    @property
    def order_key(self) -> str:
        return self.block


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
class UpdateEventExtraData:
    """Put keys into the document of an event, by its UUID, as soon as it is there. `extra_data`: a JSON object, as text."""

    action: ClassVar[str] = "update-event-extra-data"

    uuid: str
    extra_data: str

    @property
    def order_key(self) -> str:
        return f"event-{self.uuid}"
