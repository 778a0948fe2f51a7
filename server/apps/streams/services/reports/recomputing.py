"""Times of stored readings that depend on reboots of a report stored after them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.services.event_times import update_event_times
from server.apps.streams.services.reports import rebasing
from server.apps.streams.services.reports.outcomes import Outcome
from server.apps.streams.services.reports.placing import PlacingContext
from server.apps.streams.services.reports.rows import ReportRows
from server.apps.streams.services.streams import StreamWriter
from server.apps.streams.store.batch import EventRow, ReadingBatch
from server.apps.streams.store.open_reports import OpenReport, save_new_times
from server.apps.streams.store.retiming import Retiming, events_between, retime, retime_events, rows_between
from server.lib.formats import NO_TIME
from server.lib.timeseries import REBOOT_STREAM, RawReadings, TimeStatus

_FROM_UPTIME: Final = (TimeStatus.CLN, TimeStatus.DRT)


def recompute_other_times(
    cursor: CursorWrapper, rows: ReportRows, context: PlacingContext, outcomes: NDArray[np.uint8]
) -> tuple[frozenset[int], list[OpenReport]]:
    """Give the stored reports that depend on this one the times that they would have if it had come
    before them.

    Called after the report is stored. Returns the keys of the streams whose readings moved, and
    these reports.
    """
    new = rows.of_readings(outcomes) == Outcome.STORED
    if not new.any():
        return frozenset(), []
    report, neighbours = context.report, _with_report(context)
    readings = rows.raw_readings.where(new)
    dependent = _dependent_reports(
        report, neighbours.open_reports, readings.reading_id[readings.lid == REBOOT_STREAM]
    )
    if not dependent:
        return frozenset(), []
    neighbours = _with_stored_reboots(cursor, dependent, neighbours)
    moves: list[Move] = []
    moved: list[OpenReport] = []
    keys: set[int] = set()
    for each in sorted(dependent, key=lambda each: each.order, reverse=True):
        # A cut report is placed by readings of the report after it, which may be among those that
        # move.
        if each.cut:
            keys |= move_readings(cursor, report.device_id, neighbours.writers, moves)
            moves = []
        new = _recomputed(cursor, each, neighbours)
        if new is not None:
            moved.append(new[0])
            moves.append(new[1])
    keys |= move_readings(cursor, report.device_id, neighbours.writers, moves)
    if moved:
        save_new_times(cursor, moved)
    return frozenset(keys), moved


def _with_report(context: PlacingContext) -> rebasing.Neighbours:
    """Return the neighbours with the report among the open ones, if it stays open."""
    if not context.stays_open:
        return context.neighbours
    known = sorted([*context.neighbours.open_reports, context.report], key=lambda each: each.order)
    return replace(context.neighbours, open_reports=known)


def _dependent_reports(
    report: OpenReport, open_reports: Sequence[OpenReport], new_reboot_ids: NDArray[np.int64]
) -> list[OpenReport]:
    """Return the open reports with a new reboot in their reach, those that this report continues,
    and those that depend on them."""
    dependent = {
        each.report: each
        for each in open_reports
        if each.report != report.report
        and (rebasing.any_within(new_reboot_ids, each.reach_from, each.reach_to) or _is_linked(each, report))
    }
    waiting = list(dependent.values())
    while waiting:
        one = waiting.pop()
        for each in open_reports:
            if each.report not in dependent and _is_linked(each, one):
                dependent[each.report] = each
                waiting.append(each)
    return list(dependent.values())


def _is_linked(one: OpenReport, other: OpenReport) -> bool:
    return rebasing.follows(one, other) or rebasing.follows(other, one)


def _with_stored_reboots(
    cursor: CursorWrapper, reports: Sequence[OpenReport], neighbours: rebasing.Neighbours
) -> rebasing.Neighbours:
    if REBOOT_STREAM not in neighbours.writers:
        return neighbours
    reboots = rows_between(
        cursor,
        [neighbours.writers[REBOOT_STREAM].key],
        first_id=min(each.reach_from for each in (*reports, *neighbours.open_reports)),
        last_id=max(each.reach_to for each in reports),
    )
    return replace(neighbours, reboots=reboots)


@dataclass(frozen=True, slots=True)
class Move:
    """Readings at their new times, and their old times."""

    old_us: NDArray[np.int64]
    rows: ReadingBatch

    def retiming(self) -> Retiming:
        rows = self.rows
        return Retiming(rows.stream_key, rows.reading_id, self.old_us, rows.ts_us, rows.status)


def _recomputed(
    cursor: CursorWrapper, report: OpenReport, neighbours: rebasing.Neighbours
) -> tuple[OpenReport, Move] | None:
    """Return the report and the move of its readings; None when nothing moves."""
    batch = rows_between(
        cursor,
        neighbours.keys_of(report.selector),
        first_id=report.first_id,
        last_id=report.last_id,
        within=(report.first_us, report.last_us),
    )
    batch = batch.where(batch.raw_time != NO_TIME)
    placed = rebasing.place(cursor, report, _raw_readings(batch, neighbours.writers), neighbours)
    changed = (placed.ts_us != batch.ts_us) | (placed.status != batch.status)
    # Explicit times, clock times and trip marks stay: no reboot changes them.
    changed &= np.isin(batch.status, _FROM_UPTIME)
    if not changed.any():
        return None
    times = np.where(changed, placed.ts_us, batch.ts_us)
    rows = replace(batch, ts_us=placed.ts_us, status=placed.status).where(changed)
    return replace(report, first_us=int(times.min()), last_us=int(times.max())), Move(
        batch.ts_us[changed], rows
    )


def _raw_readings(batch: ReadingBatch, writers: Mapping[int, StreamWriter]) -> RawReadings:
    lid_of = {writer.key: lid for lid, writer in writers.items()}
    keys, place_of = np.unique(batch.stream_key, return_inverse=True)
    lids = np.array([lid_of[key] for key in keys.tolist()], dtype=np.uint16)
    return RawReadings(batch.reading_id, lids[place_of], batch.raw_time)


def move_readings(
    cursor: CursorWrapper, device_id: int, writers: Mapping[int, StreamWriter], moves: Sequence[Move]
) -> set[int]:
    """Move readings, and the events made of them or named by them. Returns the keys of their
    streams."""
    if not moves:
        return set()
    retiming = _join([move.retiming() for move in moves])
    retime(cursor, retiming)
    keys = np.unique(retiming.stream_key).tolist()
    events = events_between(
        cursor,
        keys,
        first_id=int(retiming.reading_id.min()),
        last_id=int(retiming.reading_id.max()),
        within=(int(retiming.old_us.min()), int(retiming.old_us.max())),
    )
    retime_events(cursor, _retiming_of_events(events, retiming))
    for move in moves:
        update_event_times(cursor, [device_id], writers.values(), readings=move.rows)
    return set(keys)


def _join(moves: Sequence[Retiming]) -> Retiming:
    columns = ("stream_key", "reading_id", "old_us", "new_us", "status")
    return Retiming(*(np.concatenate([getattr(move, name) for move in moves]) for name in columns))


def _retiming_of_events(events: Sequence[EventRow], rows: Retiming) -> Retiming:
    """Return the moves of events that have the old time of their reading."""
    stood = zip(rows.stream_key.tolist(), rows.reading_id.tolist(), rows.old_us.tolist(), strict=True)
    place_of = {row: place for place, row in enumerate(stood)} if events else {}
    found = [place_of.get((event.stream_key, event.reading_id, event.ts_us)) for event in events]
    chosen = np.array([place for place in found if place is not None], dtype=np.int64)
    return Retiming(
        rows.stream_key[chosen],
        rows.reading_id[chosen],
        rows.old_us[chosen],
        rows.new_us[chosen],
        rows.status[chosen],
    )
