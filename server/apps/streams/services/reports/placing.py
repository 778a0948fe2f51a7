"""When the readings of a report were: by the report itself if it can tell, and by what else is stored of the device if not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams import store
from server.apps.streams.services.reports import rebasing
from server.apps.streams.services.reports.rows import EPOCH, Outcome, WriteReport, advances
from server.apps.streams.services.streams import StreamWriter
from server.lib.timeseries import (
    NOT_GIVEN,
    REBOOT_STREAM,
    PlacedTimes,
    RawReadings,
    has_reboots_apart,
    is_cut,
    place_times,
    with_trip_times,
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A report and what else of its device its times depend on, or may depend on later."""

    report: store.OpenReport
    near: rebasing.Neighbourhood
    stays_open: bool
    """What comes later may show that its readings were at other times."""

    @property
    def open_report(self) -> store.OpenReport | None:
        return self.report if self.stays_open else None


def look_around(
    cursor: CursorWrapper,
    write: WriteReport,
    progress: store.Progress,
    outcome: NDArray[np.uint8],
    *,
    is_doubtful: bool,
    find_writers: Callable[[], Mapping[int, StreamWriter]] | None,
) -> Surroundings | None:
    """None for what can be placed by itself, which costs no query. `outcome`: of the readings; `is_doubtful`: see `overlaps`.

    The streams are asked for once more under the lock: the report that this one waited for may have made some.
    """
    new = outcome == Outcome.STORED
    stays_open = write.is_signed_list and _may_stay_open(write) and bool(new.any())
    if not (is_doubtful or stays_open):
        return None
    ids = write.report.readings["reading_id"][new]
    has_open = store.lock_device(cursor, write.device_id, above=int(ids.min(initial=2**32 - 1)))
    if not write.is_signed_list or not new.any() or not (stays_open or has_open):
        return None
    report = _open_report(write, progress, new)
    writers = write.writers if find_writers is None else find_writers()
    near = rebasing.neighbourhood(cursor, writers, report, has_open_reports=has_open)
    return Surroundings(report, near, stays_open)


def _may_stay_open(write: WriteReport) -> bool:
    return has_reboots_apart(write.report.header.selector) or is_cut(len(write.report.readings))


def _open_report(write: WriteReport, progress: store.Progress, new: NDArray[np.bool_]) -> store.OpenReport:
    """Its readings have no times yet."""
    header = write.report.header
    ids = write.report.readings["reading_id"][new]
    first_id, last_id = int(ids.min()), int(ids.max())
    is_newest = advances(write, progress)
    return store.OpenReport(
        report=write.report_id,
        device_id=write.device_id,
        streamer_key=write.streamer_key,
        selector=header.selector,
        first_id=first_id,
        last_id=last_id,
        reach_from=_reach_from(progress, first_id) if is_newest else first_id,
        reach_to=max(header.report_id, last_id + 1),
        received_us=write.received_us,
        sent_s=header.sent_s or 0,
        previous_boot_us=_previous_boot_us(progress) if is_newest else None,
        first_us=0,
        last_us=0,
        cut=is_cut(len(write.report.readings)),
    )


def _reach_from(progress: store.Progress, first_id: int) -> int:
    """Behind the report before it: what was before that one was in its time. If that was a cut one, behind what it brought."""
    last_report = progress.last_report
    if last_report is not None and progress.last_id < last_report < first_id:
        return last_report
    return min(progress.last_id + 1, first_id)


def placed_at_first(
    cursor: CursorWrapper, write: WriteReport, progress: store.Progress, around: Surroundings | None
) -> PlacedTimes:
    """All readings of the report, whether they are new or not."""
    if around is None:
        return _with_trips(write, _placed_by_itself(write, progress))
    return _with_trips(write, rebasing.place(cursor, around.report, _raw_readings(write), around.near))


def placed_as_stored(
    cursor: CursorWrapper,
    write: WriteReport,
    around: Surroundings,
    outcome: NDArray[np.uint8],
    placed: PlacedTimes,
) -> tuple[Surroundings, PlacedTimes]:
    """What stays open is placed by what is stored of it and nothing else, for later there is nothing else to place it by."""
    new = outcome == Outcome.STORED
    if not new.any():
        return replace(around, stays_open=False), placed
    if not around.stays_open:
        return around, placed
    ids = write.report.readings["reading_id"][new]
    report = replace(around.report, first_id=int(ids.min()), last_id=int(ids.max()))
    if not new.all():
        stored = rebasing.place(cursor, report, _raw_readings(write).where(new), around.near)
        ts_us, status = placed.ts_us.copy(), placed.status.copy()
        ts_us[new], status[new] = stored.ts_us, stored.status
        placed = _with_trips(write, PlacedTimes(ts_us, status, placed.boot_us, placed.reboots))
    times = placed.ts_us[new]
    report = replace(report, first_us=int(times.min()), last_us=int(times.max()))
    return replace(around, report=report), placed


def place_others_again(
    cursor: CursorWrapper, write: WriteReport, around: Surroundings, outcome: NDArray[np.uint8]
) -> frozenset[int]:
    """When it is stored. Answers the streams of the readings that moved."""
    readings = write.report.readings
    new = outcome == Outcome.STORED
    if not new.any():
        return frozenset()
    near = around.near
    if around.stays_open:
        known = sorted([*near.open_reports, around.report], key=lambda each: each.order)
        near = replace(near, open_reports=known)
    reboots = readings["reading_id"][new & (readings["stream"] == REBOOT_STREAM)].astype(np.int64)
    return rebasing.place_others_again(cursor, around.report, near, reboots)


def _raw_readings(write: WriteReport) -> RawReadings:
    readings = write.report.readings
    return RawReadings(readings["reading_id"].astype(np.int64), readings["stream"], readings["raw_time"])


def _placed_by_itself(write: WriteReport, progress: store.Progress) -> PlacedTimes:
    report = write.report
    return place_times(
        stream=report.readings["stream"],
        raw_time=report.readings["raw_time"],
        received_us=write.received_us,
        sent_s=report.header.sent_s,
        previous_boot_us=_previous_boot_us(progress) if advances(write, progress) else None,
        given_us=report.given_us,
        no_time_word=report.header.format == "dictionary",
    )


def _previous_boot_us(progress: store.Progress) -> int | None:
    if progress.last_received is None or progress.last_sent_s is None:
        return None
    return (progress.last_received - EPOCH) // timedelta(microseconds=1) - progress.last_sent_s * 1_000_000


def _with_trips(write: WriteReport, placed: PlacedTimes) -> PlacedTimes:
    report = write.report
    return with_trip_times(
        placed,
        stream=report.readings["stream"],
        value=report.readings["value"],
        received_us=write.received_us,
        given=None if report.given_us is None else report.given_us != NOT_GIVEN,
    )
