"""Placing readings whose reboots came with other reports.

Two kinds of reports cannot be placed by their own contents:

- Older firmware sends reboots with the system streamer's reports. Those before the report was made
  divide its readings by their ids, as if they were in it.
- A cut report ends before the time at which it was sent. If there was a reboot in the missing part,
  its last readings belong to an earlier boot than its sent time, and only the next report, which
  has the rest, shows when that boot ended.

Both kinds are placed at once with what is known, and again when more is known. The result does not
depend on the order: it is computed from ids, raw device times, and one report's own received and
sent time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.lib.timeseries.clock import REBOOT_STREAM, EndedBoot, PlacedTimes, place_times
from server.lib.timeseries.status import TimeStatus

_SECOND_US = 1_000_000
_RTC_BIT = 0x8000_0000


@dataclass(frozen=True, slots=True)
class ReportBase:
    """What relates the uptimes of a report to UTC."""

    received_us: int
    sent_s: int | None
    previous_boot_us: int | None
    """Received - sent of the streamer's previous report."""


@dataclass(frozen=True, slots=True)
class RawReadings:
    """Readings as the device sent them, ascending by id. Columns of equal length."""

    reading_id: NDArray[np.int64]
    lid: NDArray[np.uint16]
    raw_time: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.reading_id)

    def where(self, chosen: NDArray[np.bool_]) -> RawReadings:
        return RawReadings(self.reading_id[chosen], self.lid[chosen], self.raw_time[chosen])


def reboots_at(reading_id: NDArray[np.int64], raw_time: NDArray[np.uint32]) -> RawReadings:
    """Return readings of the reboot stream."""
    return RawReadings(reading_id, np.full(len(reading_id), REBOOT_STREAM, dtype=np.uint16), raw_time)


def place_with_reboots(
    rows: RawReadings, reboots: RawReadings, base: ReportBase, *, ended: EndedBoot | None = None
) -> PlacedTimes:
    """Return the times of `rows`, with `reboots` (some of which may be among the rows) as
    boundaries between boots.

    When all reboots are among the rows it is `place_times`.
    """
    own = rows.reading_id[rows.lid == REBOOT_STREAM]
    foreign = reboots.where(~np.isin(reboots.reading_id, own))
    reading_id = np.concatenate([foreign.reading_id, rows.reading_id])
    order = np.argsort(reading_id, kind="stable")
    placed = place_times(
        lid=np.concatenate([foreign.lid, rows.lid])[order],
        raw_time=np.concatenate([foreign.raw_time, rows.raw_time])[order],
        received_us=base.received_us,
        sent_s=base.sent_s,
        previous_boot_us=base.previous_boot_us,
        ended=ended,
    )
    place_of = np.empty(len(order), dtype=np.int64)
    place_of[order] = np.arange(len(order))
    own_places = place_of[len(foreign) :]
    return PlacedTimes(placed.ts_us[own_places], placed.status[own_places], placed.boot_us, placed.reboots)


@dataclass(frozen=True, slots=True)
class PlacedRows:
    """Readings that already have times, ascending by id."""

    ts_us: NDArray[np.int64]
    raw_time: NDArray[np.uint32]
    status: NDArray[np.uint8]


def ended_boot(reboot: PlacedRows, before: PlacedRows) -> EndedBoot:
    """Return the boot in which a cut report broke off. `reboot` (one row) ended it; `before` are
    its readings in the next report.

    The boot is where the next report has placed it. If that has no reading of it, the boot ended a
    second before the next one.
    """
    end_us = int(_boot_us(reboot)[0]) - _SECOND_US
    from_uptime = np.isin(before.status, (TimeStatus.CLN, TimeStatus.DRT)) & (before.raw_time < _RTC_BIT)
    places = np.flatnonzero(from_uptime)
    if not places.size:
        return EndedBoot(end_us)
    last = places[-1]
    return EndedBoot(end_us, int(_boot_us(before)[last]), TimeStatus(int(before.status[last])))


def _boot_us(rows: PlacedRows) -> NDArray[np.int64]:
    """Return the boot time of each row. Clock times do not tell the uptime, which is taken as 0: it
    is short right after a boot."""
    uptime_s = rows.raw_time.astype(np.int64)
    uptime_s[rows.raw_time >= _RTC_BIT] = 0
    boot_us: NDArray[np.int64] = rows.ts_us - uptime_s * _SECOND_US
    return boot_us
