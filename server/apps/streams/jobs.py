"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class MakePartitions:
    """Make the partitions of the months to come."""

    action: ClassVar[str] = "make-partitions"
    order_key: ClassVar[str] = ""
