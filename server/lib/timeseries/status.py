"""How far the time of a reading can be trusted."""

from __future__ import annotations

from enum import IntEnum


class TimeStatus(IntEnum):
    """The numbers are stored with each reading, so they never change."""

    UNK = 0
    """Not known: the reading carries no time and stands at the moment it was received."""
    CLN = 1
    """Clean: uptime, from a boot whose moment is known."""
    DRT = 2
    """Dirty: uptime, from a boot whose moment is an estimate."""
    UTC = 3
    """The device's or the carrier's own clock."""

    @property
    def code(self) -> str:
        """The three letters of the API: `unk`, `cln`, `drt`, `utc`."""
        return self.name.lower()
