"""Stream numbers, selectors, and readings in the form in which sent and stored ones are
compared."""

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
    """Returns one SHA-256 over all readings in order; a changed, missing or repeated reading
    changes it."""
    lines = "\n".join(" ".join(map(str, each)) for each in sorted(readings))
    return hashlib.sha256(lines.encode()).hexdigest()
