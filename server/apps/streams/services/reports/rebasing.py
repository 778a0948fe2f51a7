"""Reports whose times depend on reboots of other reports. The rules are in
`server.lib.timeseries.rebasing`; callers hold the lock of the device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.services.streams import StreamWriter
from server.apps.streams.store.batch import ReadingBatch, no_readings
from server.apps.streams.store.open_reports import OpenReport, open_reports_of
from server.apps.streams.store.retiming import rows_between
from server.lib.formats.selector import takes
from server.lib.timeseries import (
    EARLIEST_US,
    REBOOT_STREAM,
    EndedBoot,
    PlacedRows,
    PlacedTimes,
    RawReadings,
    ReportBase,
    ended_boot,
    has_reboots_apart,
    place_with_reboots,
    reboots_at,
)

# How long before a reboot a reading of the boot that it ended is searched for.
_LONGEST_BOOT_US: Final = 31 * 86_400_000_000


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What else of the device the times of a report depend on. `reboots`: the stored ones, in the
    order of their ids."""

    writers: Mapping[int, StreamWriter]
    open_reports: Sequence[OpenReport]
    reboots: ReadingBatch

    def reboots_within(self, first_id: int, before_id: int) -> RawReadings:
        reading_id = self.reboots.reading_id
        chosen = (reading_id >= first_id) & (reading_id < before_id)
        return reboots_at(reading_id[chosen], self.reboots.raw_time[chosen])

    def keys_of(self, selector: int) -> list[int]:
        return [writer.key for lid, writer in self.writers.items() if takes(selector, lid)]


def find_neighbours(
    cursor: CursorWrapper,
    writers: Mapping[int, StreamWriter],
    report: OpenReport,
    *,
    has_open_reports: bool,
) -> Neighbours:
    """Read what the times of a report depend on, before its own readings are stored."""
    open_reports: list[OpenReport] = []
    if has_open_reports:
        open_reports = open_reports_of(cursor, report.device_id, above=report.reach_from)
    reach = [report, *open_reports]
    reboots = no_readings()
    if REBOOT_STREAM in writers:
        reboots = rows_between(
            cursor,
            [writers[REBOOT_STREAM].key],
            first_id=min(each.reach_from for each in reach),
            last_id=max(each.reach_to for each in reach),
        )
    return Neighbours(writers, open_reports, reboots)


def place(
    cursor: CursorWrapper, report: OpenReport, rows: RawReadings, neighbours: Neighbours
) -> PlacedTimes:
    """Return the times of those readings of the report that it stores, in the order of their
    ids."""
    own = rows.where(rows.lid == REBOOT_STREAM)
    known = np.concatenate([neighbours.reboots.reading_id, own.reading_id])
    base = ReportBase(report.received_us, report.sent_s, _previous_boot_us(report, neighbours, known))
    if not has_reboots_apart(report.selector) and not report.cut:
        return place_with_reboots(rows, reboots_at(own.reading_id, own.raw_time), base)
    end = report.last_id + 1 if report.cut else report.reach_to
    reboots = neighbours.reboots_within(report.reach_from, end)
    ended = _ended_boot(cursor, report, neighbours) if report.cut else None
    return place_with_reboots(rows, reboots, base, ended=ended)


def _previous_boot_us(report: OpenReport, neighbours: Neighbours, reboots: NDArray[np.int64]) -> int | None:
    """Return received - sent of the report that was made in the boot in which this one begins; None
    when that is unknown."""
    cut = next((each for each in reversed(neighbours.open_reports) if follows(report, each)), None)
    if cut is None or not any_within(reboots, cut.last_id + 1, cut.reach_to):
        return report.previous_boot_us
    # There was a reboot in the missing part of a cut report, so it was made in a later boot than
    # the one in which it breaks off. Then the report before it tells when this boot began, unless
    # there was another reboot in between.
    if any_within(reboots, cut.reach_from, cut.last_id + 1):
        return None
    return _previous_boot_us(cut, neighbours, reboots)


def follows(report: OpenReport, cut: OpenReport) -> bool:
    return cut.precedes(report.streamer_key, report.first_id) and cut.report != report.report


def any_within(reading_id: NDArray[np.int64], first_id: int, before_id: int) -> bool:
    return bool(((reading_id >= first_id) & (reading_id < before_id)).any())


def _ended_boot(cursor: CursorWrapper, report: OpenReport, neighbours: Neighbours) -> EndedBoot | None:
    """Return the boot in which a cut report breaks off; None when, as far as is known, the report
    was made in that boot."""
    after = np.flatnonzero(
        (neighbours.reboots.reading_id > report.last_id) & (neighbours.reboots.reading_id < report.reach_to)
    )
    if not after.size:
        return None
    reboot = neighbours.reboots.where(after[:1])
    reboot_us = int(reboot.ts_us[0])
    before = rows_between(
        cursor,
        neighbours.keys_of(report.selector),
        first_id=report.last_id + 1,
        last_id=int(reboot.reading_id[0]) - 1,
        within=(max(reboot_us - _LONGEST_BOOT_US, EARLIEST_US), reboot_us),
    )
    return ended_boot(_placed_rows(reboot), _placed_rows(before))


def _placed_rows(rows: ReadingBatch) -> PlacedRows:
    return PlacedRows(rows.ts_us, rows.raw_time, rows.status)
