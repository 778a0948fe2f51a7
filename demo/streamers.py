"""The two uploaders of a device, and the streams that have a meaning to the server."""

from dataclasses import dataclass
from typing import Final

from server.lib.formats.selector import takes

REBOOT: Final = 0x5C00
OS_VERSION: Final = 0x5C08
APP_VERSION: Final = 0x5C09


@dataclass(frozen=True, slots=True)
class Streamer:
    index: int
    selector: int

    def takes(self, stream: int) -> bool:
        return takes(self.selector, stream)


USER: Final = Streamer(index=0, selector=0xD7FF)  # all outputs of the user, and the reboots
SYSTEM: Final = Streamer(index=1, selector=0x5FFF)  # all outputs of the system
STREAMERS: Final = (USER, SYSTEM)
