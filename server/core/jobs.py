"""Payloads of the housekeeping jobs of `core` itself."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CleanDurableEntries:
    """Delete expired entries of the durable cache."""

    action: ClassVar[str] = "clean-durable-entries"
    order_key: ClassVar[str] = ""
