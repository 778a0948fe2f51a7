"""The board: a demo device that measures and reports on demand, by `python -m demo.send_report`.

The process of the other demo devices does not run it, so only one program at a time assigns its
reading ids.
"""

import fcntl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from demo import flash
from demo.device import Device, Report
from demo.flash import Flash
from demo.roster import DeviceSpec, read_roster
from demo.sensors import Moment
from demo.streamers import USER

MEASURED_S: Final = 10  # it measures once a second and remembers this many seconds
# 2025-01-01: a constant, so that the uptime goes on even when the board's file was lost.
_BOOTED_S: Final = 1_735_689_600


class NoBoard(Exception):
    """This folder has no board."""

    def __init__(self) -> None:
        super().__init__(
            "There are no demo devices here. Stop with ./inv down, start with ./inv up --demo, and try again."
        )


class Board:
    def __init__(self, spec: DeviceSpec, path: Path, *, now_s: int) -> None:
        """`path` is the file of its flash: readings, and the next reading id."""
        self.spec = spec
        self._device = Device(spec, _remembered(path, now_s), now_s=now_s)
        self.save = partial(flash.save, self._device.flash, path)

    @property
    def stream(self) -> int:
        """The local variable id of the stream that it measures."""
        return self.spec.kind.quantities[0].stream

    def measure(self, now_s: int) -> list[int]:
        """Returns the raw words of the last seconds."""
        quantity = self.spec.kind.quantities[0]
        moments = [Moment(at, at - 1, self.spec.seed) for at in _last_seconds(now_s, MEASURED_S)]
        return [quantity.measure(moment) for moment in moments]

    def record(self, words: Sequence[int], now_s: int) -> None:
        """Log words as measured once a second until now."""
        for at, word in zip(_last_seconds(now_s, len(words)), words, strict=True):
            self._device.record_at(at, self.stream, word)

    def report(self) -> Report:
        """Returns a report of everything that is not acknowledged. Raises ValueError when there is
        nothing."""
        report = self._device.report(USER)
        if report is None:
            raise ValueError("every reading is acknowledged")
        # An id that left the device must never be assigned again, even if we crash right after
        # this.
        self.save()
        return report

    def acknowledge(self, acknowledged: dict[int, int]) -> None:
        """`acknowledged` has reading ids by streamer index."""
        self._device.acknowledge(acknowledged)
        self.save()

    def pending(self) -> list[int]:
        """Returns the reading ids that are not acknowledged."""
        return [number for _, number, _, _ in self._device.pending(USER)]


@contextmanager
def board_of(folder: Path) -> Iterator[Board]:
    """The demo's board in this folder, locked for the block. Raises NoBoard or RosterError."""
    roster = folder / "devices.json"
    specs = read_roster(roster) if roster.exists() else []
    spec = next((each for each in specs if each.kind.by_hand), None)
    if spec is None:
        raise NoBoard
    with (folder / f"{spec.slug}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Board(spec, folder / f"{spec.slug}.json", now_s=int(time.time()))


def _remembered(path: Path, now_s: int) -> Flash:
    """Load its flash. A board whose file is lost or damaged gets its next reading id from the
    server."""
    try:
        remembered = flash.load(path)
    except flash.FlashDamaged:
        remembered = None
    return remembered or Flash(clock_s=now_s - MEASURED_S, booted_s=_BOOTED_S)


def _last_seconds(now_s: int, count: int) -> range:
    return range(now_s - count + 1, now_s + 1)
