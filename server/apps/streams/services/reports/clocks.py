"""The clock of a report: when its boot began, by received and sent time, without the transfer."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.apps.streams.services.reports.rows import ReportRows
from server.lib.timeseries import (
    REBOOT_STREAM,
    TOLERANCE_US,
    PlacedTimes,
    ReportPoint,
    TimeStatus,
    is_cut,
    is_same_boot,
    place_on_line,
    points_of_reports,
    transfer_us,
)

_SECOND_US: Final = 1_000_000
_RTC_BIT: Final = 0x8000_0000


@dataclass(frozen=True)  # without slots: cached properties are kept in the instance's dictionary
class ReportClock:
    """A report as a fixed point of its boot, and the newest reports of the same boot that are
    stored."""

    rows: ReportRows
    neighbours: tuple[ReportPoint, ...]
    uncorrected: ReportPoint | None
    """None: the report cannot be compared with others, since it is late or cut, has no sent time,
    or an id that says nothing about the order of readings."""

    @cached_property
    def transfer_us(self) -> int:
        return 0 if self.uncorrected is None else transfer_us(self.uncorrected, self.neighbours)

    @property
    def received_us(self) -> int:
        """The time at which the report was sent, as far as it is known."""
        return self.rows.write.received_us - self.transfer_us

    @property
    def point(self) -> ReportPoint | None:
        one = self.uncorrected
        return None if one is None else ReportPoint(one.report_id, one.sent_s, one.boot_us - self.transfer_us)

    @property
    def corrects_others(self) -> bool:
        """Whether stored readings of this boot are late by a transfer that this report shows."""
        return self.point is not None and any(transfer_us(each, [self.point]) for each in self.neighbours)


def report_clock(rows: ReportRows) -> ReportClock:
    """Costs no query: the stored reports came with the streamer's progress."""
    header, received_us = rows.report.header, rows.write.received_us
    is_comparable = rows.write.is_signed_list and rows.is_newest and not is_cut(len(rows.report.readings))
    is_comparable = is_comparable and rows.has_id_of_its_place
    if not is_comparable or header.sent_s is None or header.sent_s >= _RTC_BIT:
        return ReportClock(rows, (), None)
    own = ReportPoint(header.report_id, header.sent_s, received_us - header.sent_s * _SECOND_US)
    newest = rows.progress.newest_report
    known = [*rows.progress.other_reports, *([] if newest is None else [newest])]
    raw = rows.raw_readings
    last_reboot_id = int(raw.reading_id[raw.lid == REBOOT_STREAM].max(initial=0))
    neighbours = tuple(
        each
        for each in known
        if each.report_id != own.report_id and each.report_id > last_reboot_id and is_same_boot(own, each)
    )
    return ReportClock(rows, neighbours, own)


def place_between_reports(clock: ReportClock, placed: PlacedTimes) -> PlacedTimes:
    """Return the times, with those of the newest boot between the times of its stored reports: in
    proportion where the device's clock drifts, and never on the wrong side of a report."""
    own, others = clock.point, clock.neighbours
    if own is None or all(each.boot_us == own.boot_us for each in others):
        return placed
    chosen = _of_newest_boot(clock.rows, placed)
    reading_id = clock.rows.raw_readings.reading_id[chosen]
    ts_us = placed.ts_us.copy()
    if any(abs(each.boot_us - own.boot_us) > TOLERANCE_US for each in others):
        uptime_s = clock.rows.raw_readings.raw_time[chosen].astype(np.int64)
        ts_us[chosen] = place_on_line(points_of_reports([own, *others]), reading_id, uptime_s)
    for each in others:
        behind, before = chosen[reading_id > each.report_id], chosen[reading_id < each.report_id]
        ts_us[behind] = np.maximum(ts_us[behind], each.utc_us)
        ts_us[before] = np.minimum(ts_us[before], each.utc_us)
    return PlacedTimes(ts_us, placed.status, placed.boot_us, placed.reboots)


def _of_newest_boot(rows: ReportRows, placed: PlacedTimes) -> NDArray[np.int64]:
    raw = rows.raw_readings
    reboots = np.flatnonzero(raw.lid == REBOOT_STREAM)
    first = int(reboots[-1]) if reboots.size else 0
    from_uptime = (placed.status == TimeStatus.CLN) & (raw.raw_time < _RTC_BIT)
    return first + np.flatnonzero(from_uptime[first:])
