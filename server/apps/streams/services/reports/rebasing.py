"""Reports whose times depend on reboots that other reports bring: placed with what is known, and again when more is known.

See `server.lib.timeseries.rebasing` for the rules. Everything here happens in the transaction that stores a report, under the
lock of the device, and only for such reports and those that bring reboots to a device which has some.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams import store
from server.apps.streams.services.event_times import update_event_times
from server.apps.streams.services.streams import StreamWriter
from server.lib.formats import NO_TIME
from server.lib.formats.selector import takes
from server.lib.timeseries import (
    EARLIEST_US,
    REBOOT_STREAM,
    EndedBoot,
    PlacedRows,
    PlacedTimes,
    RawReadings,
    ReportBase,
    TimeStatus,
    ended_boot,
    has_reboots_apart,
    place_with_reboots,
    reboots_at,
)

_LONGEST_BOOT_US: Final = (
    31 * 86_400_000_000
)  # so far before a reboot a reading of the ended boot is looked for
_FROM_UPTIME: Final = (TimeStatus.CLN, TimeStatus.DRT)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What else of the device matters for the time of a report. `reboots`: those that are stored, by their ids."""

    writers: Mapping[int, StreamWriter]
    open_reports: Sequence[store.OpenReport]
    reboots: store.ReadingBatch

    def reboots_within(self, first_id: int, before_id: int) -> RawReadings:
        seq = self.reboots.seq
        chosen = (seq >= first_id) & (seq < before_id)
        return reboots_at(seq[chosen], self.reboots.device_ts[chosen])

    def keys_of(self, selector: int) -> list[int]:
        return [writer.key for lid, writer in self.writers.items() if takes(selector, lid)]


def neighbourhood(
    cursor: CursorWrapper,
    writers: Mapping[int, StreamWriter],
    report: store.OpenReport,
    *,
    has_open_reports: bool,
) -> Neighbourhood:
    """As of now; asked again when the report's own readings are stored."""
    open_reports: list[store.OpenReport] = []
    if has_open_reports:
        open_reports = store.open_reports_of(cursor, report.device_id, above=report.reach_from)
    reach = [report, *open_reports]
    reboots = store.no_readings()
    if REBOOT_STREAM in writers:
        reboots = store.rows_between(
            cursor,
            [writers[REBOOT_STREAM].key],
            first_id=min(each.reach_from for each in reach),
            last_id=max(each.reach_to for each in reach),
        )
    return Neighbourhood(writers, open_reports, reboots)


def place(
    cursor: CursorWrapper, report: store.OpenReport, rows: RawReadings, near: Neighbourhood
) -> PlacedTimes:
    """Times of these readings of the report, by id: those that it stores."""
    own = rows.where(rows.lid == REBOOT_STREAM)
    known = np.concatenate([near.reboots.seq, own.reading_id])
    base = ReportBase(report.received_us, report.sent_s, _previous_boot_us(report, near, known))
    if not has_reboots_apart(report.selector) and not report.cut:
        return place_with_reboots(rows, reboots_at(own.reading_id, own.raw_time), base)
    end = report.last_id + 1 if report.cut else report.reach_to
    reboots = near.reboots_within(report.reach_from, end)
    ended = _ended_boot(cursor, report, near) if report.cut else None
    return place_with_reboots(rows, reboots, base, ended=ended)


def _previous_boot_us(
    report: store.OpenReport, near: Neighbourhood, reboots: NDArray[np.int64]
) -> int | None:
    """Received - sent of the report that was made in the boot in which this one begins, as far as that is known.

    If there was a reboot in what a cut report lacks, that report was made in a later boot than the one that it breaks off in:
    then the report before it tells, unless there was a reboot in between as well.
    """
    cut = next((each for each in reversed(near.open_reports) if _follows(report, each)), None)
    if cut is None or not _any_within(reboots, cut.last_id + 1, cut.reach_to):
        return report.previous_boot_us
    if _any_within(reboots, cut.reach_from, cut.last_id + 1):
        return None
    return _previous_boot_us(cut, near, reboots)


def _follows(report: store.OpenReport, cut: store.OpenReport) -> bool:
    return cut.precedes(report.streamer_key, report.first_id) and cut.report != report.report


def _any_within(seq: NDArray[np.int64], first_id: int, before_id: int) -> bool:
    return bool(((seq >= first_id) & (seq < before_id)).any())


def _ended_boot(cursor: CursorWrapper, report: store.OpenReport, near: Neighbourhood) -> EndedBoot | None:
    """None: as far as is known a cut report was made in the boot that it breaks off in."""
    after = np.flatnonzero((near.reboots.seq > report.last_id) & (near.reboots.seq < report.reach_to))
    if not after.size:
        return None
    reboot = near.reboots.where(after[:1])
    reboot_us = int(reboot.ts_us[0])
    before = store.rows_between(
        cursor,
        near.keys_of(report.selector),
        first_id=report.last_id + 1,
        last_id=int(reboot.seq[0]) - 1,
        within=(max(reboot_us - _LONGEST_BOOT_US, EARLIEST_US), reboot_us),
    )
    return ended_boot(_placed_rows(reboot), _placed_rows(before))


def _placed_rows(rows: store.ReadingBatch) -> PlacedRows:
    return PlacedRows(rows.ts_us, rows.device_ts, rows.status)


def place_others_again(
    cursor: CursorWrapper, report: store.OpenReport, near: Neighbourhood, new_reboots: NDArray[np.int64]
) -> frozenset[int]:
    """This report is stored; those that depend on it get the times that they would have got if it had come before them.

    `near` as before it was stored, with the report itself among the open ones if it is one. Answers the streams of the readings
    that moved.
    """
    touched = _touched(report, near.open_reports, new_reboots)
    if not touched:
        return frozenset()
    near = _with_stored_reboots(cursor, touched, near)
    moves: list[_Move] = []
    moved: list[store.OpenReport] = []
    keys: set[int] = set()
    for each in sorted(touched, key=lambda each: each.order, reverse=True):
        if each.cut:  # it looks at readings of the report after it, which may be among those that move
            keys |= _move(cursor, report.device_id, near.writers, moves)
            moves = []
        new = _placed_again(cursor, each, near)
        if new is not None:
            moved.append(new[0])
            moves.append(new[1])
    keys |= _move(cursor, report.device_id, near.writers, moves)
    if moved:
        store.save_new_times(cursor, moved)
    return frozenset(keys)


def _touched(
    report: store.OpenReport, open_reports: Sequence[store.OpenReport], new_reboots: NDArray[np.int64]
) -> list[store.OpenReport]:
    """Those in whose reach there is a new reboot, those that this report continues, and what hangs on them."""
    touched = {
        each.report: each
        for each in open_reports
        if each.report != report.report
        and (_any_within(new_reboots, each.reach_from, each.reach_to) or _linked(each, report))
    }
    waiting = list(touched.values())
    while waiting:
        one = waiting.pop()
        for each in open_reports:
            if each.report not in touched and _linked(each, one):
                touched[each.report] = each
                waiting.append(each)
    return list(touched.values())


def _linked(one: store.OpenReport, other: store.OpenReport) -> bool:
    return _follows(one, other) or _follows(other, one)


def _with_stored_reboots(
    cursor: CursorWrapper, reports: Sequence[store.OpenReport], near: Neighbourhood
) -> Neighbourhood:
    if REBOOT_STREAM not in near.writers:
        return near
    reboots = store.rows_between(
        cursor,
        [near.writers[REBOOT_STREAM].key],
        first_id=min(each.reach_from for each in (*reports, *near.open_reports)),
        last_id=max(each.reach_to for each in reports),
    )
    return replace(near, reboots=reboots)


@dataclass(frozen=True, slots=True)
class _Move:
    """`rows`: at their new times."""

    old_us: NDArray[np.int64]
    rows: store.ReadingBatch

    def retiming(self) -> store.Retiming:
        rows = self.rows
        return store.Retiming(rows.stream_key, rows.seq, self.old_us, rows.ts_us, rows.status)


def _placed_again(
    cursor: CursorWrapper, report: store.OpenReport, near: Neighbourhood
) -> tuple[store.OpenReport, _Move] | None:
    """None when nothing moves. Explicit times, clocks that were set and trip marks stay: no reboot changes them."""
    batch = store.rows_between(
        cursor,
        near.keys_of(report.selector),
        first_id=report.first_id,
        last_id=report.last_id,
        within=(report.first_us, report.last_us),
    )
    batch = batch.where(batch.device_ts != NO_TIME)
    placed = place(cursor, report, _raw_readings(batch, near.writers), near)
    changed = (placed.ts_us != batch.ts_us) | (placed.status != batch.status)
    changed &= np.isin(batch.status, _FROM_UPTIME)
    if not changed.any():
        return None
    times = np.where(changed, placed.ts_us, batch.ts_us)
    rows = replace(batch, ts_us=placed.ts_us, status=placed.status).where(changed)
    return replace(report, first_us=int(times.min()), last_us=int(times.max())), _Move(
        batch.ts_us[changed], rows
    )


def _raw_readings(batch: store.ReadingBatch, writers: Mapping[int, StreamWriter]) -> RawReadings:
    lid_of = {writer.key: lid for lid, writer in writers.items()}
    keys, place_of = np.unique(batch.stream_key, return_inverse=True)
    lids = np.array([lid_of[key] for key in keys.tolist()], dtype=np.uint16)
    return RawReadings(batch.seq, lids[place_of], batch.device_ts)


def _move(
    cursor: CursorWrapper, device_id: int, writers: Mapping[int, StreamWriter], moves: Sequence[_Move]
) -> set[int]:
    """Readings, and the events that were made of them or have their time."""
    if not moves:
        return set()
    retiming = _joined([move.retiming() for move in moves])
    store.retime(cursor, retiming)
    keys = np.unique(retiming.stream_key).tolist()
    events = store.events_between(
        cursor,
        keys,
        first_id=int(retiming.seq.min()),
        last_id=int(retiming.seq.max()),
        within=(int(retiming.old_us.min()), int(retiming.old_us.max())),
    )
    store.retime_events(cursor, _of_events(events, retiming))
    for move in moves:
        update_event_times(cursor, [device_id], writers.values(), readings=move.rows)
    return set(keys)


def _joined(moves: Sequence[store.Retiming]) -> store.Retiming:
    columns = ("stream_key", "seq", "old_us", "new_us", "status")
    return store.Retiming(*(np.concatenate([getattr(move, name) for move in moves]) for name in columns))


def _of_events(events: Sequence[store.EventRow], rows: store.Retiming) -> store.Retiming:
    """Those that stand where their reading stood."""
    stood = zip(rows.stream_key.tolist(), rows.seq.tolist(), rows.old_us.tolist(), strict=True)
    place_of = {row: place for place, row in enumerate(stood)} if events else {}
    found = [place_of.get((event.stream_key, event.seq, event.ts_us)) for event in events]
    chosen = np.array([place for place in found if place is not None], dtype=np.int64)
    return store.Retiming(
        rows.stream_key[chosen],
        rows.seq[chosen],
        rows.old_us[chosen],
        rows.new_us[chosen],
        rows.status[chosen],
    )
