"""A report's readings and events become rows: what is new, when it was, what it is worth. The hot path of the worker.

Between the lock of the streamer's progress and the commit everything is arrays; `docs/hotpaths.md` has the budget.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from server.apps.streams import store
from server.apps.streams.services.event_times import update_event_times
from server.apps.streams.services.reports.converting import values_of
from server.apps.streams.services.reports.marks import with_marker
from server.apps.streams.services.reports.outcomes import (
    doubtful_of,
    drop_events_stored_before,
    drop_readings_stored_before,
)
from server.apps.streams.services.reports.packets import write_packet_events
from server.apps.streams.services.reports.placing import (
    look_around,
    place_others_again,
    placed_as_stored,
    placed_at_first,
)
from server.apps.streams.services.reports.rows import (
    EPOCH,
    Outcome,
    WriteReport,
    advances,
    by_lid,
    ids_of,
    in_id_order,
    lids_of,
    outcomes_of,
)
from server.apps.streams.services.streams import StreamWriter
from server.lib.timeseries import PlacedTimes, place_event_time


@dataclass(frozen=True, slots=True)
class StoredReadings:
    """What was written, for those who want to know at once (live push)."""

    ledger: store.LedgerRow
    readings: store.ReadingBatch
    events: Sequence[store.EventRow]
    last_id: int
    writers: Mapping[int, StreamWriter]
    moved: frozenset[int] = frozenset()
    """Streams of readings that were stored before, and have another time now."""


def write_report(
    write: WriteReport, find_writers: Callable[[], Mapping[int, StreamWriter]] | None = None
) -> StoredReadings:
    """Stores what is new, exactly once. Raises Unavailable when the stream-data database is away.

    `find_writers` is asked under the lock of the device's writers, when no archive can take the streams away any more.
    """
    write = replace(write, report=in_id_order(write.report))
    with store.writing_cursor() as cursor:
        progress = store.lock_progress(cursor, write.streamer_key, device_id=write.device_id)
        if find_writers is not None:
            write = replace(write, writers=find_writers())
        outcome = outcomes_of(write, progress)
        of_readings, of_events = np.split(outcome, [len(write.report.readings)])
        doubtful = doubtful_of(write, progress, outcome)
        needs_lock = bool(doubtful.any()) or _names_events(write)
        around = look_around(
            cursor, write, progress, of_readings, is_doubtful=needs_lock, find_writers=find_writers
        )
        placed = placed_at_first(cursor, write, progress, around)
        drop_readings_stored_before(cursor, write, placed, doubtful, of_readings)
        drop_events_stored_before(cursor, write, doubtful, of_events)
        if around is not None:
            around, placed = placed_as_stored(cursor, write, around, of_readings, placed)
        batch = readings_of_report(write, placed, of_readings == Outcome.STORED)
        events = events_of_report(write, placed, of_events)
        after = _after(write, progress, placed)
        ledger = _ledger(write, outcome)
        write_packet_events(cursor, write.device_id, write.writers, batch)
        rows = with_marker(batch, write.report, received_us=write.received_us, writers=write.writers)
        opened = None if around is None else around.open_report
        store.write_report(cursor, store.ReportWrite(write.streamer_key, rows, events, after, ledger, opened))
        update_event_times(cursor, [write.device_id], write.writers.values(), readings=batch, events=events)
        moved = frozenset[int]() if around is None else place_others_again(cursor, write, around, of_readings)
    return StoredReadings(ledger, batch, events, after.last_id, write.writers, moved)


def _names_events(write: WriteReport) -> bool:
    """Then `update_event_times` locks the device. Behind the row locks of the streamers' common streams that would be too late:
    the other streamer may hold that lock and wait for one of these."""
    lids = [lid for lid, writer in write.writers.items() if writer.numbers_events]
    return bool(lids) and bool(np.isin(lids_of(write.report), lids).any())


def readings_of_report(write: WriteReport, placed: PlacedTimes, new: NDArray[np.bool_]) -> store.ReadingBatch:
    rows = write.report.readings[new]
    value = np.empty(len(rows))
    kind = np.zeros(len(rows), dtype=np.uint8)
    for lid in np.unique(rows["stream"]).tolist():
        chosen = rows["stream"] == lid
        value[chosen], kind[chosen] = values_of(write.writers[lid], rows["value"][chosen])
    return store.ReadingBatch(
        stream_key=by_lid({lid: writer.key for lid, writer in write.writers.items()})[rows["stream"]],
        ts_us=placed.ts_us[new],
        seq=rows["reading_id"].astype(np.int64),
        device_ts=rows["raw_time"],
        int_value=rows["value"],
        value=value,
        status=placed.status[new],
        kind=kind,
    )


def events_of_report(
    write: WriteReport, placed: PlacedTimes, outcome: NDArray[np.uint8]
) -> list[store.EventRow]:
    rows = []
    for event, result in zip(write.report.events, outcome.tolist(), strict=True):
        if result != Outcome.STORED:
            continue
        ts_us, status = place_event_time(
            event.raw_time,
            event.given_us,
            placed.boot_us,
            received_us=write.received_us,
            boot_is_exact=write.report.header.sent_s is not None,
        )
        rows.append(
            store.EventRow(
                stream_key=write.writers[event.stream].key,
                ts_us=ts_us,
                seq=event.reading_id,
                device_ts=event.raw_time,
                status=int(status),
                uuid=uuid.uuid5(write.report_id, str(event.reading_id)),
                extra_data=event.extra_data,
                object_key=write.event_object(event),
            )
        )
    return rows


def _after(write: WriteReport, progress: store.Progress, placed: PlacedTimes) -> store.Progress:
    """The acknowledgement is the highest id this streamer ever sent, and never goes back."""
    ids = ids_of(write.report)
    ids = ids[ids > 0]
    covered = progress.covered.with_report(ids)
    if not advances(write, progress):
        return store.Progress(
            progress.last_id,
            covered,
            progress.last_received,
            progress.last_sent_s,
            progress.last_reboot,
            progress.last_report,
        )
    return store.Progress(
        last_id=max(progress.last_id, int(ids.max())),
        covered=covered,
        last_received=write.received,
        last_sent_s=write.report.header.sent_s,
        last_reboot=EPOCH + timedelta(microseconds=placed.boot_us),
        last_report=write.report.header.report_id,
    )


def _ledger(write: WriteReport, outcome: NDArray[np.uint8]) -> store.LedgerRow:
    stored = ids_of(write.report)[outcome == Outcome.STORED]
    counts = {result: int(np.count_nonzero(outcome == result)) for result in Outcome}
    refused = {r.reason: n for r, n in counts.items() if n and r not in {Outcome.STORED, Outcome.DUPLICATE}}
    header = write.report.header
    remarks = write.policy.remarks(selector=header.selector, is_dictionary=not write.is_signed_list)
    return store.LedgerRow(
        report=write.report_id,
        received=len(outcome),
        stored=counts[Outcome.STORED],
        duplicate=counts[Outcome.DUPLICATE],
        refused=sum(refused.values()),
        reasons=refused | dict.fromkeys(remarks, len(outcome)),
        first_id=int(stored.min()) if stored.size else 0,
        last_id=int(stored.max()) if stored.size else 0,
    )
