"""From a decoded report to stored rows: the hot path of the worker. Budget: docs/hotpaths.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from server.apps.streams.services.event_times import update_event_times
from server.apps.streams.services.reports.clocks import report_clock
from server.apps.streams.services.reports.converting import rows_to_store
from server.apps.streams.services.reports.fixed_points import recompute_by_fixed_points
from server.apps.streams.services.reports.ledger import ledger_row, progress_after
from server.apps.streams.services.reports.marks import with_mark
from server.apps.streams.services.reports.outcomes import outcomes_by_coverage, with_stored_duplicates
from server.apps.streams.services.reports.packets import write_packet_events
from server.apps.streams.services.reports.placing import place_as_stored, place_readings
from server.apps.streams.services.reports.recomputing import recompute_other_times
from server.apps.streams.services.reports.rows import ReportRows, WriteReport
from server.apps.streams.services.streams import StreamWriter
from server.apps.streams.store import reports
from server.apps.streams.store.batch import EventRow, ReadingBatch
from server.apps.streams.store.connection import writing_cursor
from server.apps.streams.store.open_reports import OpenReport
from server.apps.streams.store.reports import LedgerRow, ReportWrite, lock_progress, newest_reports_of


@dataclass(frozen=True, slots=True)
class StoredReadings:
    """What was written, for the live push."""

    ledger: LedgerRow
    readings: ReadingBatch
    events: Sequence[EventRow]
    last_id: int
    writers: Mapping[int, StreamWriter]
    moved: frozenset[int] = frozenset()
    """Keys of streams with readings that were already stored and have a new time."""


def write_report(write: WriteReport) -> StoredReadings:
    """Store what is new, exactly once, in one transaction. Raises Unavailable when the stream-data
    database is unreachable.

    1. Lock the progress of the streamer and find the writers of its streams, as they are now.
    2. Find what is new: by the coverage and, where that may be wrong, by what is stored.
    3. Place the times of the readings, with the lock of the device if they depend on other reports.
    4. Convert readings and events to rows, and make events of packets.
    5. Write the rows, the progress and the ledger.
    6. Update the times of events named by readings, and of readings that depend on this report: on
       its reboots, its marks, or its clock.
    """
    with writing_cursor() as cursor:
        progress = lock_progress(
            cursor,
            write.streamer_key,
            device_id=write.device_id,
            other_streamers=write.known_streamers,
        )
        streams = write.find_streams()
        if not set(streams.other_streamers) <= set(write.known_streamers):
            # A streamer was created since, and may have stored its first report.
            progress = replace(progress, other_reports=newest_reports_of(cursor, streams.other_streamers))
        rows = ReportRows.of(write, streams, progress)
        outcomes, doubtful = outcomes_by_coverage(rows)
        needs_lock = bool(doubtful.any()) or _names_events(rows)
        clock = report_clock(rows)
        placed, context = place_readings(cursor, rows, outcomes, clock, needs_lock=needs_lock)
        if doubtful.any():
            outcomes = with_stored_duplicates(cursor, rows, outcomes, doubtful, placed)
        if context is not None:
            placed, context = place_as_stored(cursor, rows, outcomes, placed, context)

        readings, events = rows_to_store(rows, placed, outcomes)
        write_packet_events(cursor, rows, readings)
        after, ledger = progress_after(rows, placed), ledger_row(rows, outcomes)
        open_report = None if context is None else context.open_report
        reports.write_report(
            cursor,
            ReportWrite(write.streamer_key, with_mark(readings, rows), events, after, ledger, open_report),
        )

        writers = rows.writers.values()
        update_event_times(cursor, [write.device_id], writers, readings=readings, events=events)
        moved, moved_reports = frozenset[int](), list[OpenReport]()
        if context is not None:
            moved, moved_reports = recompute_other_times(cursor, rows, context, outcomes)
        moved |= recompute_by_fixed_points(cursor, rows, outcomes, placed, clock, moved_reports)
    return StoredReadings(ledger, readings, events, after.last_id, rows.writers, moved)


def _names_events(rows: ReportRows) -> bool:
    """Whether `update_event_times` will lock the device."""
    # After the row locks of streams that two streamers share it would be too late: the other
    # streamer may hold the lock of the device and wait for one of these.
    lids = [lid for lid, writer in rows.writers.items() if writer.names_events]
    return bool(lids) and bool(np.isin(rows.lids, lids).any())
