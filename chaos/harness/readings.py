"""What devices send, by number, and readings as both sides of a comparison have them."""

import hashlib
from collections.abc import Iterable
from typing import Final

USER_LIDS: Final = (0x5001, 0x5002, 0x500F)
REBOOT: Final = 0x5C00
CONNECTED: Final = 0x5C01
USER, SYSTEM, VIRTUAL = 0xD7FF, 0x5FFF, 0xFFFF  # selectors

Reading = tuple[int, int, int, int]
"""device, local variable id, reading id, word"""


def digest(readings: Iterable[Reading]) -> str:
    """One hash over everything, in order; it differs when anything does, or is there twice."""
    lines = "\n".join(" ".join(map(str, each)) for each in sorted(readings))
    return hashlib.sha256(lines.encode()).hexdigest()
