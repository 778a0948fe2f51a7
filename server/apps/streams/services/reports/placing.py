"""Times of the readings of a report: from the report itself where possible, else with what is
stored of the device."""

from dataclasses import dataclass, replace

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.services.reports import rebasing
from server.apps.streams.services.reports.clocks import ReportClock, place_between_reports
from server.apps.streams.services.reports.outcomes import Outcome
from server.apps.streams.services.reports.rows import ReportRows
from server.apps.streams.store.open_reports import OpenReport
from server.apps.streams.store.reports import Progress, lock_device
from server.lib.timeseries import (
    NOT_GIVEN,
    PlacedTimes,
    has_reboots_apart,
    is_cut,
    place_times,
    with_trip_times,
)


@dataclass(frozen=True, slots=True)
class PlacingContext:
    """A report, and what else of its device its times depend on now or later."""

    report: OpenReport
    neighbours: rebasing.Neighbours
    stays_open: bool
    """Whether later reports may change the times of its readings."""

    @property
    def open_report(self) -> OpenReport | None:
        return self.report if self.stays_open else None


def place_readings(
    cursor: CursorWrapper,
    rows: ReportRows,
    outcomes: NDArray[np.uint8],
    clock: ReportClock,
    *,
    needs_lock: bool,
) -> tuple[PlacedTimes, PlacingContext | None]:
    """Return the times of all readings of the report, new or not, and what else they depend on.
    None for a report that can be placed by itself, which costs no query.

    Takes the lock of the device if the times depend on more than the report, or if the caller
    `needs_lock` for its next steps.
    """
    context = _context(cursor, rows, outcomes, clock, needs_lock=needs_lock)
    if context is None:
        placed = place_between_reports(clock, _placed_by_itself(rows, clock))
        return _with_trips(rows, placed), None
    placed = rebasing.place(cursor, context.report, rows.raw_readings, context.neighbours)
    return _with_trips(rows, placed), context


def _context(
    cursor: CursorWrapper,
    rows: ReportRows,
    outcomes: NDArray[np.uint8],
    clock: ReportClock,
    *,
    needs_lock: bool,
) -> PlacingContext | None:
    write = rows.write
    new = rows.of_readings(outcomes) == Outcome.STORED
    may_stay_open = has_reboots_apart(rows.report.header.selector) or is_cut(len(rows.report.readings))
    stays_open = write.is_signed_list and may_stay_open and bool(new.any())
    if not (needs_lock or stays_open):
        return None
    first_id = int(rows.of_readings(rows.ids)[new].min(initial=2**32 - 1))
    has_open_reports = lock_device(cursor, write.device_id, above=first_id)
    if not write.is_signed_list or not new.any() or not (stays_open or has_open_reports):
        return None
    report = _open_report(rows, new, clock)
    # Again, under the lock: the report that this one waited for may have created streams.
    writers = write.find_streams().writers
    neighbours = rebasing.find_neighbours(cursor, writers, report, has_open_reports=has_open_reports)
    return PlacingContext(report, neighbours, stays_open)


def _open_report(rows: ReportRows, new: NDArray[np.bool_], clock: ReportClock) -> OpenReport:
    """Return the report as an open one, before its readings have times."""
    write, header = rows.write, rows.report.header
    ids = rows.of_readings(rows.ids)[new]
    first_id, last_id = int(ids.min()), int(ids.max())
    return OpenReport(
        report=write.report_id,
        device_id=write.device_id,
        streamer_key=write.streamer_key,
        selector=header.selector,
        first_id=first_id,
        last_id=last_id,
        reach_from=_reach_from(rows.progress, first_id) if rows.is_newest else first_id,
        reach_to=max(header.report_id, last_id + 1),
        received_us=clock.received_us,
        sent_s=header.sent_s or 0,
        previous_boot_us=_previous_boot_us(rows),
        first_us=0,
        last_us=0,
        cut=is_cut(len(rows.report.readings)),
    )


def _reach_from(progress: Progress, first_id: int) -> int:
    """Return the first id whose reboots matter: after the streamer's previous report or, if that
    was cut, after its last reading."""
    last_report = progress.last_report
    if last_report is not None and progress.last_id < last_report < first_id:
        return last_report
    return min(progress.last_id + 1, first_id)


def place_as_stored(
    cursor: CursorWrapper,
    rows: ReportRows,
    outcomes: NDArray[np.uint8],
    placed: PlacedTimes,
    context: PlacingContext,
) -> tuple[PlacedTimes, PlacingContext]:
    """Place a report that stays open by its stored readings alone, because later only those are
    available.

    Returns the times of all readings, and the context with the first and last of them.
    """
    new = rows.of_readings(outcomes) == Outcome.STORED
    if not new.any():
        return placed, replace(context, stays_open=False)
    if not context.stays_open:
        return placed, context
    ids = rows.of_readings(rows.ids)[new]
    report = replace(context.report, first_id=int(ids.min()), last_id=int(ids.max()))
    if not new.all():
        stored = rebasing.place(cursor, report, rows.raw_readings.where(new), context.neighbours)
        ts_us, status = placed.ts_us.copy(), placed.status.copy()
        ts_us[new], status[new] = stored.ts_us, stored.status
        placed = _with_trips(rows, PlacedTimes(ts_us, status, placed.boot_us, placed.reboots))
    times = placed.ts_us[new]
    report = replace(report, first_us=int(times.min()), last_us=int(times.max()))
    return placed, replace(context, report=report)


def _placed_by_itself(rows: ReportRows, clock: ReportClock) -> PlacedTimes:
    report, previous = rows.report, rows.progress.newest_report
    ids = rows.of_readings(rows.ids)
    return place_times(
        lid=report.readings["lid"],
        raw_time=report.readings["raw_time"],
        received_us=clock.received_us,
        sent_s=report.header.sent_s,
        previous_boot_us=_previous_boot_us(rows),
        before_previous=0 if previous is None else int(np.searchsorted(ids, previous.report_id)),
        given_us=report.given_us,
        no_time_word=report.header.format == "dictionary",
    )


def _previous_boot_us(rows: ReportRows) -> int | None:
    """Return when the boot of the streamer's previous report began; None when that is unknown, or
    this report is a late one."""
    previous = rows.progress.newest_report
    return previous.boot_us if rows.is_newest and previous is not None else None


def _with_trips(rows: ReportRows, placed: PlacedTimes) -> PlacedTimes:
    report = rows.report
    return with_trip_times(
        placed,
        lid=report.readings["lid"],
        value=report.readings["value"],
        received_us=rows.write.received_us,
        given=None if report.given_us is None else report.given_us != NOT_GIVEN,
    )
