"""Fixed points of a boot: readings and reports at which both the uptime and UTC are known.

    reading id      1    2    3        4        5        6        7      report 8
    uptime         10   20   30       35       40       50       60        65
                             mark, its word is UTC               mark   sent, received
    placed by      mark 3 ...|  between 3 and 7, in proportion   | ... mark 7 and report 8

The word of a mark is exact. A report was received after it was sent, later by the time that its
transfer took, so received - sent is the latest possible time of the boot. A report that
puts the start of its boot later than another one does, by more than a clock drifts, was late by its
transfer and does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.lib.instants import EARLIEST_US, LATEST_US
from server.lib.timeseries.clock import FIRST_CLOCK_US
from server.lib.timeseries.status import TimeStatus

_SECOND_US: Final = 1_000_000
_HOUR_US: Final = 3_600 * _SECOND_US
_DAY_US: Final = 24 * _HOUR_US
_RTC_BIT: Final = 0x8000_0000

_END_ID: Final = 2**63 - 1

TOLERANCE_US: Final = 2 * _SECOND_US
"""Uptimes and received times are whole seconds: closer than this, two fixed points agree."""

LONGEST_TRANSFER_US: Final = _HOUR_US
"""A report that is later than others of its boot by more was not in transfer: a clock is wrong."""

# A crystal of a cheap device drifts by up to 100 parts in a million: nine seconds a day.
_MOST_DRIFT: Final = 100e-6

_MARK_AHEAD_US: Final = _DAY_US  # a carrier's clock may be off by a time zone
_MARK_BEHIND_US: Final = 31 * _DAY_US  # a carrier may upload late, without its own received time


@dataclass(frozen=True, slots=True)
class FixedPoints:
    """Columns of equal length, ascending by id."""

    reading_id: NDArray[np.int64]
    uptime_s: NDArray[np.int64]
    utc_us: NDArray[np.int64]
    exact: NDArray[np.bool_]
    """Whether it is a mark whose word is UTC; otherwise a report, with sent and received time."""

    def __len__(self) -> int:
        return len(self.reading_id)

    @property
    def boot_us(self) -> NDArray[np.int64]:
        """When the boot began, by each of them."""
        return self.utc_us - self.uptime_s * _SECOND_US

    def where(self, chosen: NDArray[np.bool_]) -> FixedPoints:
        return FixedPoints(
            self.reading_id[chosen], self.uptime_s[chosen], self.utc_us[chosen], self.exact[chosen]
        )

    def within(self, first_id: int, before_id: int) -> FixedPoints:
        return self.where((self.reading_id >= first_id) & (self.reading_id < before_id))

    def with_utc(self, utc_us: NDArray[np.int64]) -> FixedPoints:
        return FixedPoints(self.reading_id, self.uptime_s, utc_us, self.exact)


def fixed_points(
    *,
    reading_id: NDArray[np.int64],
    raw_time: NDArray[np.uint32],
    utc_us: NDArray[np.int64],
    exact: NDArray[np.bool_],
) -> FixedPoints:
    """Return those that have an uptime, a clock that is set, and an id of their own, ascending by
    id."""
    order = np.argsort(reading_id, kind="stable")
    points = FixedPoints(
        reading_id[order], raw_time[order].astype(np.int64), utc_us[order], exact[order].astype(np.bool_)
    )
    usable = (points.uptime_s < _RTC_BIT) & (points.utc_us >= FIRST_CLOCK_US)
    ids, count = np.unique(points.reading_id, return_counts=True)
    return points.where(usable & ~np.isin(points.reading_id, ids[count > 1]))


def line_of_boot(points: FixedPoints) -> FixedPoints:
    """Return the fixed points of one boot by which its readings are placed; their times never
    decrease, and those of marks are their words.

    Leaves out marks that contradict all reports of the boot, or an earlier mark, and reports that
    are late by their transfer.
    """
    points = _without_transfers(_without_contradictions(points))
    utc_us = np.minimum(points.utc_us, _next_mark_us(points))
    return points.with_utc(np.maximum.accumulate(utc_us) if len(utc_us) else utc_us)


def place_on_line(
    line: FixedPoints, reading_id: NDArray[np.int64], uptime_s: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the times of readings of the boot: in proportion between the fixed points on both
    sides, and by the nearest one outside of them. No reading is placed beyond a mark.
    """
    # Of several at one uptime the last counts.
    uptimes, last = np.unique(line.uptime_s[::-1], return_index=True)
    boots = line.boot_us[::-1][last]
    left = np.clip(np.searchsorted(uptimes, uptime_s, side="right") - 1, 0, len(uptimes) - 1)
    right = np.minimum(left + 1, len(uptimes) - 1)
    drift_us = np.interp(uptime_s, uptimes, (boots - boots[0]).astype(np.float64)).round().astype(np.int64)
    # No clock drifts that much: one of the two was set in between.
    leaps = np.abs(boots[right] - boots[left]) > LONGEST_TRANSFER_US
    ts_us = uptime_s * _SECOND_US + np.where(leaps, boots[left], boots[0] + drift_us)
    return _between_marks(line, reading_id, ts_us)


def _between_marks(
    line: FixedPoints, reading_id: NDArray[np.int64], ts_us: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The order of ids is stronger than a damaged uptime."""
    marks = line.where(line.exact)
    before = np.searchsorted(marks.reading_id, reading_id)
    floor = np.append(EARLIEST_US, marks.utc_us)[before]
    ceiling = np.append(marks.utc_us, LATEST_US)[before]
    placed: NDArray[np.int64] = np.clip(ts_us, floor, ceiling)
    return placed


def _without_contradictions(points: FixedPoints) -> FixedPoints:
    boot_us, exact = points.boot_us, points.exact
    if not exact.any():
        return points
    marks_us, reports_us = boot_us[exact], boot_us[~exact]
    keep = np.ones(len(points), dtype=np.bool_)
    if len(reports_us):
        keep[exact] = _any_between(reports_us, marks_us - _MARK_AHEAD_US, marks_us + _MARK_BEHIND_US)
        agrees = _any_between(marks_us, reports_us - _MARK_BEHIND_US, reports_us + _MARK_AHEAD_US)
        keep[~exact] = agrees | ~agrees.any()
    words_us = np.where(exact & keep, points.utc_us, EARLIEST_US)
    keep[exact] &= (words_us >= np.maximum.accumulate(words_us))[exact]
    return points.where(keep)


def _any_between(
    found_us: NDArray[np.int64], first_us: NDArray[np.int64], last_us: NDArray[np.int64]
) -> NDArray[np.bool_]:
    ordered = np.sort(found_us)
    count: NDArray[np.bool_] = np.searchsorted(ordered, last_us, side="right") > np.searchsorted(
        ordered, first_us
    )
    return count


def _without_transfers(points: FixedPoints) -> FixedPoints:
    boot_us, exact = points.boot_us, points.exact
    drift_us = points.uptime_s.astype(np.float64) * (_MOST_DRIFT * _SECOND_US)
    late = boot_us > _envelope(boot_us, drift_us) + TOLERANCE_US
    marks_us = np.where(exact, boot_us, EARLIEST_US)
    early = exact.any() & (boot_us < -_envelope(-marks_us, drift_us) - TOLERANCE_US)
    return points.where(exact | ~(late | early))


def _envelope(boot_us: NDArray[np.int64], drift_us: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each point the earliest boot by any other one, plus what may have drifted between
    the two."""
    base_us = boot_us.min(initial=LATEST_US)
    relative = (boot_us - base_us).astype(np.float64)
    forward = np.minimum.accumulate(relative - drift_us) + drift_us
    backward = np.minimum.accumulate((relative + drift_us)[::-1])[::-1] - drift_us
    envelope: NDArray[np.int64] = base_us + np.minimum(forward, backward).round().astype(np.int64)
    return envelope


def _next_mark_us(points: FixedPoints) -> NDArray[np.int64]:
    marks_us = np.where(points.exact, points.utc_us, LATEST_US)
    next_us: NDArray[np.int64] = np.minimum.accumulate(marks_us[::-1])[::-1]
    return next_us


@dataclass(frozen=True, slots=True)
class StoredTimes:
    """Readings of a device with the times that they have, ascending by id. Columns of equal
    length."""

    reading_id: NDArray[np.int64]
    raw_time: NDArray[np.uint32]
    ts_us: NDArray[np.int64]
    status: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LineTimes:
    """New times of `StoredTimes`, in their order."""

    ts_us: NDArray[np.int64]
    status: NDArray[np.uint8]
    by_reports: NDArray[np.bool_]
    """Which are of a boot whose fixed points are reports only."""
    reports: FixedPoints
    """The reports, at the times at which they were sent."""


def place_boots(
    rows: StoredTimes, reboot_ids: NDArray[np.int64], points: FixedPoints, *, estimated_before: int = 0
) -> LineTimes:
    """Return the times of readings from the fixed points of their boots; `reboot_ids` ascend.

    - A boot with fixed points is placed by `line_of_boot`: status `cln`.
    - One without ends a second before the next boot, and not after a clock time that follows it:
      status `drt`.
    - Nothing is placed after the end of its boot. Clock times, explicit times and the readings of
      the newest boots without fixed points stay as they are, and so do readings with less uptime
      than a report before them. So does a boot without fixed points
      that begins before the id `estimated_before` and is no estimate.
    """
    ts_us, status = rows.ts_us.copy(), rows.status.copy()
    by_reports = np.zeros(len(ts_us), dtype=np.bool_)
    from_uptime = np.isin(status, (TimeStatus.CLN, TimeStatus.DRT)) & (rows.raw_time < _RTC_BIT)
    clocks_us = np.where(status == TimeStatus.UTC, ts_us, LATEST_US)
    clocks_us = np.append(np.minimum.accumulate(clocks_us[::-1])[::-1], LATEST_US)
    lines: list[FixedPoints] = []
    end_us: int | None = None
    for first_id, before_id in _boots_backwards(reboot_ids, points):
        first, last = np.searchsorted(rows.reading_id, (first_id, before_id))
        chosen = first + np.flatnonzero(from_uptime[first:last])
        uptime_s = rows.raw_time[chosen].astype(np.int64)
        line = line_of_boot(points.within(first_id, before_id))
        if len(line) and not line.exact.any():
            chosen = chosen[_is_possible(line, rows.reading_id[chosen], uptime_s)]
            uptime_s = rows.raw_time[chosen].astype(np.int64)
        if len(line):
            placed_us = place_on_line(line, rows.reading_id[chosen], uptime_s)
            boot_us, boot_status = int(line.boot_us[0]), TimeStatus.CLN
            by_reports[first:last] = not line.exact.any()
            reports = points.within(first_id, before_id)
            reports = reports.where(~reports.exact)
            lines.append(reports.with_utc(place_on_line(line, reports.reading_id, reports.uptime_s)))
        elif end_us is None:
            continue
        elif first_id < estimated_before and bool((status[chosen] == TimeStatus.CLN).any()):
            end_us = None
            continue
        else:
            last_s = int(uptime_s[-1]) if len(chosen) else 0
            end_us = min(end_us, int(clocks_us[chosen[-1] + 1 if len(chosen) else last]))
            boot_us, boot_status = max(end_us - last_s * _SECOND_US, EARLIEST_US), TimeStatus.DRT
            placed_us = boot_us + uptime_s * _SECOND_US
        late = placed_us > (LATEST_US if end_us is None else end_us)
        ts_us[chosen] = np.where(late, end_us or LATEST_US, placed_us)
        status[chosen] = np.where(late, TimeStatus.DRT, boot_status)
        end_us = boot_us - _SECOND_US
    np.clip(ts_us, EARLIEST_US, LATEST_US, out=ts_us)
    return LineTimes(ts_us, status, by_reports, _join(lines, points))


def _is_possible(
    line: FixedPoints, reading_id: NDArray[np.int64], uptime_s: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which readings have at least the uptime of the report before them; the others are of a
    boot whose begin is missing."""
    before = np.append(0, line.uptime_s)[np.searchsorted(line.reading_id, reading_id)]
    possible: NDArray[np.bool_] = uptime_s >= before
    return possible


def _boots_backwards(reboot_ids: NDArray[np.int64], points: FixedPoints) -> Iterator[tuple[int, int]]:
    """Yield the first id of each boot and of the next one.

    A reboot is missing where the uptime is less than that of the fixed point before, or where a
    report puts the boot later than the one before it by more than that one's uptime."""
    boot_of = np.searchsorted(reboot_ids, points.reading_id, side="right")
    has_less = points.uptime_s[1:] < points.uptime_s[:-1]
    has_room = np.diff(points.boot_us) >= points.uptime_s[:-1] * _SECOND_US
    has_room &= ~(points.exact[1:] | points.exact[:-1])
    missing = points.reading_id[:-1][(has_less | has_room) & (boot_of[1:] == boot_of[:-1])] + 1
    begins = np.unique(np.concatenate([reboot_ids, missing])).tolist()
    yield from reversed(list(zip([0, *begins], [*begins, _END_ID], strict=True)))


def _join(lines: Sequence[FixedPoints], points: FixedPoints) -> FixedPoints:
    if not lines:
        return points.where(np.zeros(len(points), dtype=np.bool_))
    columns = ("reading_id", "uptime_s", "utc_us", "exact")
    return FixedPoints(
        *(np.concatenate([getattr(line, name) for line in reversed(lines)]) for name in columns)
    )


@dataclass(frozen=True, slots=True)
class ReportPoint:
    """The fixed point that a report is."""

    report_id: int
    sent_s: int
    boot_us: int
    """Received - sent, or earlier if the transfer is known."""

    @property
    def utc_us(self) -> int:
        return self.boot_us + self.sent_s * _SECOND_US


def is_same_boot(one: ReportPoint, other: ReportPoint) -> bool:
    """Whether two reports were made in one boot, by their times alone: there was no room for a
    reboot between them, and the difference can be a transfer."""
    older, newer = sorted((one, other), key=lambda each: each.report_id)
    later_us = newer.boot_us - older.boot_us
    return (
        older.sent_s <= newer.sent_s
        and later_us < older.sent_s * _SECOND_US
        and abs(later_us) <= LONGEST_TRANSFER_US
    )


def transfer_us(report: ReportPoint, others: Sequence[ReportPoint]) -> int:
    """Return by how much the report puts the boot later than others of the same boot do; 0 within
    what clocks drift."""
    if not others:
        return 0
    best = min(others, key=lambda other: _latest_boot_us(report, other))
    late = report.boot_us > _latest_boot_us(report, best) + TOLERANCE_US
    return report.boot_us - best.boot_us if late else 0


def _latest_boot_us(report: ReportPoint, other: ReportPoint) -> int:
    return other.boot_us + round(abs(report.sent_s - other.sent_s) * _MOST_DRIFT * _SECOND_US)


def points_of_reports(reports: Sequence[ReportPoint]) -> FixedPoints:
    ordered = sorted(reports, key=lambda each: each.report_id)
    return FixedPoints(
        np.array([each.report_id for each in ordered], dtype=np.int64),
        np.array([each.sent_s for each in ordered], dtype=np.int64),
        np.array([each.utc_us for each in ordered], dtype=np.int64),
        np.zeros(len(ordered), dtype=np.bool_),
    )
