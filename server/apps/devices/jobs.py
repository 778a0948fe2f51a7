"""The payloads of this app's Actions."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FreeStuckDevices:
    """Make devices idle whose operation has failed for good."""

    action: ClassVar[str] = "free-stuck-devices"
    order_key: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class CheckDeviceHealth:
    """Mail people which devices fell silent, and which report again."""

    action: ClassVar[str] = "check-device-health"
    order_key: ClassVar[str] = ""
