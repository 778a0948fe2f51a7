"""How reliable the time of a reading is."""

from __future__ import annotations

from enum import IntEnum


class TimeStatus(IntEnum):
    """The numbers are stored with each reading, so they never change."""

    UNK = 0
    """Unknown: the reading has no time of its own and is placed at the time it was received."""
    CLN = 1
    """Clean: uptime, from a boot whose time is known."""
    DRT = 2
    """Dirty: uptime, from a boot whose time is an estimate."""
    UTC = 3
    """The device's or the carrier's own clock."""

    @property
    def code(self) -> str:
        """The API's three letters: `unk`, `cln`, `drt`, `utc`."""
        return self.name.lower()
