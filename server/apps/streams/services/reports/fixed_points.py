"""Times of stored readings by the fixed points of their boots: marks with a word of UTC, reports.
The rules are in `server.lib.timeseries.fixed_points`.

Everything is computed from stored rows, so the result does not depend on the order of reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.services.reports.clocks import ReportClock
from server.apps.streams.services.reports.outcomes import Outcome
from server.apps.streams.services.reports.recomputing import Move, move_readings
from server.apps.streams.services.reports.rows import ReportRows
from server.apps.streams.store.batch import ReadingBatch
from server.apps.streams.store.open_reports import OpenReport, extend_times, save_fixed_points
from server.apps.streams.store.reports import amount_of, lock_device, save_boots
from server.apps.streams.store.retiming import rows_between
from server.lib.timeseries import (
    EARLIEST_US,
    LATEST_US,
    LONGEST_TRANSFER_US,
    REBOOT_STREAM,
    REPORT_MARKS,
    TOLERANCE_US,
    TRIP_STREAMS,
    FixedPoints,
    LineTimes,
    PlacedTimes,
    ReportPoint,
    StoredTimes,
    TimeStatus,
    fixed_points,
    is_same_boot,
    line_of_boot,
    place_boots,
    points_of_reports,
    transfer_us,
)

_ANY_ID: Final = 2**63 - 1
_SECOND_US: Final = 1_000_000
_DAY_US: Final = 86_400 * _SECOND_US

# Readings of a boot are looked for from this long before it began by its marks.
_BEFORE_BOOT_US: Final = 31 * _DAY_US

# What sends so many marks does not mark trips, and reading all of them would hold up other devices.
_MOST_MARKS: Final = 20_000

# Boots without any fixed point that end where a boot with marks begins.
_MOST_OLDER_BOOTS: Final = 16


@dataclass(frozen=True, slots=True)
class _Boots:
    """Boots of a device that are placed together; ids from `first_id` to before `before_id`."""

    first_id: int
    before_id: int
    reboot_ids: NDArray[np.int64]
    points: FixedPoints
    within_us: tuple[int, int]
    estimated_before: int
    """Before this id, boots without fixed points are placed again only if they are estimates."""


def recompute_by_fixed_points(
    cursor: CursorWrapper,
    rows: ReportRows,
    outcomes: NDArray[np.uint8],
    placed: PlacedTimes,
    clock: ReportClock,
    moved: Sequence[OpenReport],
) -> frozenset[int]:
    """Give the stored readings, those of the report among them, the times of their fixed points.

    Called after the report is stored and the open reports `moved` are recomputed. Returns the keys
    of the streams whose readings moved. Runs no query on a device without marks, unless the report
    shows that another report of its boot is late by its transfer.
    """
    new = rows.of_readings(outcomes) == Outcome.STORED
    if not rows.write.is_signed_list or not new.any() or not rows.has_id_above_readings:
        return frozenset()
    boots: _Boots | None = None
    if rows.has_trip_marks or moved or _has_points_elsewhere(rows, placed):
        lock_device(cursor, rows.write.device_id)
        boots = _boots_of_report(cursor, rows, placed, new, moved)
    if boots is None and clock.corrects_others:
        lock_device(cursor, rows.write.device_id)
        boots = _boot_with_transfers(cursor, rows, clock)
    return frozenset() if boots is None else _recompute(cursor, rows, boots)


def _has_points_elsewhere(rows: ReportRows, placed: PlacedTimes) -> bool:
    """Whether reports of other streamers may say more of boots that this one could only estimate,
    or this one is a fixed point of a boot that others have estimated."""
    header, previous = rows.report.header, rows.progress.newest_report
    if header.sent_s is None or not rows.has_id_of_its_place:
        return False
    own = ReportPoint(header.report_id, header.sent_s, rows.write.received_us - header.sent_s * _SECOND_US)
    others = rows.progress.other_reports
    if previous is not None and not rows.is_newest:
        return not is_same_boot(own, previous)
    if any(each.report_id > own.report_id and not is_same_boot(own, each) for each in others):
        return True
    is_estimated = bool((placed.status == TimeStatus.DRT).any())
    return is_estimated and any(previous is None or each.report_id > previous.report_id for each in others)


def _boots_of_report(
    cursor: CursorWrapper,
    rows: ReportRows,
    placed: PlacedTimes,
    new: NDArray[np.bool_],
    moved: Sequence[OpenReport],
) -> _Boots | None:
    """Return the boots that the report and those moved by it have readings of; None if no more is
    known of them than the report itself says."""
    count, newest_id = amount_of(cursor, _keys_of(rows, TRIP_STREAMS))
    if count > _MOST_MARKS:
        return None
    if not moved and not _has_points_elsewhere(rows, placed) and _is_behind_marks(rows, newest_id):
        return None
    ids = rows.of_readings(rows.ids)[new]
    first = min([int(ids.min()), *(each.first_id for each in moved)])
    last = max([int(ids.max()), rows.report.header.report_id, *(each.last_id for each in moved)])
    earliest_us = min([int(placed.ts_us[new].min()), *(each.first_us for each in moved)])
    return _boots_around(cursor, rows, first, last, earliest_us)


def _is_behind_marks(rows: ReportRows, newest_mark: int) -> bool:
    """Whether all marks are before the streamer's previous report, which then stands for them."""
    previous = rows.progress.newest_report
    return rows.is_newest and previous is not None and newest_mark < previous.report_id


def _boots_around(cursor: CursorWrapper, rows: ReportRows, first: int, last: int, earliest_us: int) -> _Boots:
    """Return the boots of the readings from `first` to `last`, which were placed at `earliest_us`
    or later, and those without fixed points before them."""
    reboots = rows_between(cursor, _keys_of(rows, [REBOOT_STREAM]), first_id=1, last_id=_ANY_ID).reading_id
    first_id = int(reboots[reboots < first].max(initial=0))
    before_id = int(reboots[reboots > last].min(initial=_ANY_ID))
    # The bounds of the boots before, should they be without fixed points.
    older = reboots[reboots < first_id][-_MOST_OLDER_BOOTS:]
    oldest_id = int(older.min(initial=first_id)) if len(older) == _MOST_OLDER_BOOTS else 0
    marks = rows_between(
        cursor, _keys_of(rows, TRIP_STREAMS), first_id=max(oldest_id, 1), last_id=before_id - 1
    )
    points = _points(marks.where(marks.status == TimeStatus.UTC), exact=True)
    within_us = _days_around(points, earliest_us, rows.write.received_us)
    reports = rows_between(
        cursor,
        _keys_of(rows, REPORT_MARKS),
        first_id=max(oldest_id, 1),
        last_id=before_id - 1,
        within=within_us,
    )
    points = _join(points, _with_newest(rows, _points(reports, exact=False)))
    lowest_id = _with_boots_before(first_id, older, points)
    points = points.within(lowest_id, before_id)
    if not points.exact.any():
        # Estimates are later than the truth: chained to the boot after their own.
        within_us = _days_around(points, earliest_us, rows.write.received_us, before_us=_DAY_US)
    return _Boots(lowest_id, before_id, reboots[reboots < before_id], points, within_us, first_id)


def _days_around(
    points: FixedPoints, earliest_us: int, received_us: int, *, before_us: int = _BEFORE_BOOT_US
) -> tuple[int, int]:
    begin_us = min(int(points.boot_us.min(initial=earliest_us)), earliest_us) - before_us
    end_us = max(int(points.utc_us.max(initial=received_us)), received_us) + _DAY_US
    return max(begin_us, EARLIEST_US), min(end_us, LATEST_US)


def _with_boots_before(first_id: int, older: NDArray[np.int64], points: FixedPoints) -> int:
    """Return the first id of the boots without fixed points before this one."""
    begins = older.tolist()[::-1]
    for begin_id in begins if len(begins) == _MOST_OLDER_BOOTS or first_id == 0 else [*begins, 0]:
        if len(points.within(begin_id, first_id)):
            break
        first_id = begin_id
    return first_id


def _with_newest(rows: ReportRows, reports: FixedPoints) -> FixedPoints:
    """Add the streamers' newest reports before this one: a boot may be older than what was read."""
    newest = rows.progress.newest_report
    known = {rows.report.header.report_id, *reports.reading_id.tolist()}
    stored = [*rows.progress.other_reports, *([] if newest is None else [newest])]
    return _join(reports, points_of_reports([each for each in stored if each.report_id not in known]))


def _boot_with_transfers(cursor: CursorWrapper, rows: ReportRows, clock: ReportClock) -> _Boots | None:
    """Return the newest boot from the last report on that was not late by its transfer."""
    own = clock.point
    if own is None:
        return None
    reboots = rows_between(
        cursor, _keys_of(rows, [REBOOT_STREAM]), first_id=1, last_id=own.report_id
    ).reading_id
    begin_id = int(reboots.max(initial=0))
    within_us = (own.boot_us - LONGEST_TRANSFER_US, rows.write.received_us + _DAY_US)
    marks = rows_between(
        cursor, _keys_of(rows, REPORT_MARKS), first_id=begin_id, last_id=_ANY_ID, within=within_us
    )
    boot_us = marks.ts_us - marks.raw_time.astype(np.int64) * _SECOND_US
    marks = marks.where(np.abs(boot_us - own.boot_us) <= LONGEST_TRANSFER_US)
    found = _points(marks, exact=False)
    if bool((found.uptime_s[1:] < found.uptime_s[:-1]).any()):
        return None  # there was a reboot that no report has brought yet
    late = ~np.isin(found.reading_id, line_of_boot(found).reading_id)
    late_ids = {each.report_id for each in clock.neighbours if transfer_us(each, [own])}
    first_id = min((_last_on_time(marks, late, each, begin_id) for each in late_ids), default=begin_id)
    return _Boots(first_id, _ANY_ID, reboots[reboots == begin_id], found, within_us, first_id)


def _last_on_time(marks: ReadingBatch, late: NDArray[np.bool_], report_id: int, begin_id: int) -> int:
    """Return the last report before this one of the same streamer that was not late: the readings
    between the two came in late ones."""
    places = np.flatnonzero(marks.reading_id == report_id)
    if not places.size:
        return begin_id
    streamer_index = marks.int_value[places[0]]
    earlier = ~late & (marks.int_value == streamer_index) & (marks.reading_id < report_id)
    return int(marks.reading_id[earlier].max(initial=begin_id))


def place_by_stored_points(cursor: CursorWrapper, rows: ReportRows, placed: PlacedTimes) -> PlacedTimes:
    """Return the times of a report that is stored already, by the fixed points that came since."""
    ids = rows.of_readings(rows.ids)
    if not rows.write.is_signed_list or not ids.any():
        return placed
    first, last = int(ids[ids > 0].min()), max(int(ids.max()), rows.report.header.report_id)
    boots = _boots_around(cursor, rows, first, last, int(placed.ts_us.min()))
    raw_time = rows.raw_readings.raw_time
    new, changed = _new_times(StoredTimes(ids, raw_time, placed.ts_us, placed.status), boots)
    ts_us = np.where(changed, new.ts_us, placed.ts_us)
    status = np.where(changed, new.status, placed.status)
    return PlacedTimes(ts_us, status, placed.boot_us, placed.reboots)


def _new_times(stored: StoredTimes, boots: _Boots) -> tuple[LineTimes, NDArray[np.bool_]]:
    """Return the times by the fixed points, and which of them differ."""
    reboot_ids = boots.reboot_ids[boots.reboot_ids >= max(boots.first_id, 1)]
    new = place_boots(stored, reboot_ids, boots.points, estimated_before=boots.estimated_before)
    near = new.by_reports & (np.abs(new.ts_us - stored.ts_us) <= TOLERANCE_US)
    return new, ((new.ts_us != stored.ts_us) | (new.status != stored.status)) & ~near


def _recompute(cursor: CursorWrapper, rows: ReportRows, boots: _Boots) -> frozenset[int]:
    marks = set(_keys_of(rows, REPORT_MARKS))
    batch = rows_between(
        cursor,
        [writer.key for writer in rows.writers.values() if writer.key not in marks],
        first_id=max(boots.first_id, 1),
        last_id=boots.before_id - 1,
        within=boots.within_us,
    )
    stored = StoredTimes(batch.reading_id, batch.raw_time, batch.ts_us, batch.status)
    new, changed = _new_times(stored, boots)
    _save_reports(cursor, rows, new.reports)
    if not changed.any():
        return frozenset()
    moving = replace(batch, ts_us=new.ts_us, status=new.status).where(changed)
    ids, times = moving.reading_id, moving.ts_us
    extend_times(
        cursor,
        rows.write.device_id,
        (int(ids.min()), int(ids.max())),
        (int(times.min()), int(times.max())),
    )
    move = Move(batch.ts_us[changed], moving)
    return frozenset(move_readings(cursor, rows.write.device_id, rows.writers, [move]))


def _save_reports(cursor: CursorWrapper, rows: ReportRows, reports: FixedPoints) -> None:
    """Save for later reports when these reports were sent."""
    if not len(reports):
        return
    write, ids = rows.write, reports.reading_id.tolist()
    save_boots(cursor, [write.streamer_key, *rows.streams.other_streamers], ids, reports.boot_us.tolist())
    save_fixed_points(cursor, write.device_id, ids, reports.utc_us.tolist())


def _points(batch: ReadingBatch, *, exact: bool) -> FixedPoints:
    return fixed_points(
        reading_id=batch.reading_id,
        raw_time=batch.raw_time,
        utc_us=batch.ts_us,
        exact=np.full(len(batch), exact),
    )


def _join(marks: FixedPoints, reports: FixedPoints) -> FixedPoints:
    return fixed_points(
        reading_id=np.concatenate([marks.reading_id, reports.reading_id]),
        raw_time=np.concatenate([marks.uptime_s, reports.uptime_s]).astype(np.uint32),
        utc_us=np.concatenate([marks.utc_us, reports.utc_us]),
        exact=np.concatenate([marks.exact, reports.exact]),
    )


def _keys_of(rows: ReportRows, lids: Sequence[int]) -> list[int]:
    return [rows.writers[lid].key for lid in lids if lid in rows.writers]
