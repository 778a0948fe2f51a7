"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar

from server.core.lanes import Lane


@dataclass(frozen=True, slots=True)
class MakePartitions:
    """Create the partitions of the coming months."""

    action: ClassVar[str] = "make-partitions"
    lane: ClassVar[Lane] = Lane.LONG
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class DeleteDataBlock:
    action: ClassVar[str] = "delete-data-block"
    lane: ClassVar[Lane] = Lane.LONG

    pid: str
    block: str

    @property
    def order_key(self) -> str:
        return self.block


@dataclass(frozen=True, slots=True)
class UpdateEventExtraData:
    """Merge keys into the document of an event as soon as the event is stored. `extra_data` is a
    JSON object as text."""

    action: ClassVar[str] = "update-event-extra-data"

    uuid: str
    extra_data: str

    @property
    def order_key(self) -> str:
        return f"event-{self.uuid}"
