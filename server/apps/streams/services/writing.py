"""A report's readings and events become rows: what is new, when it was, what it is worth. The hot path of the worker.

Between the lock of the streamer's progress and the commit everything is arrays; `docs/hotpaths.md` has the budget.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams import store
from server.apps.streams.services.streams import StreamWriter
from server.lib.formats import Event, Report
from server.lib.timeseries import (
    EARLIEST_US,
    LATEST_US,
    MAX_JUMP,
    REBOOT_STREAM,
    PlacedTimes,
    place_event_time,
    place_times,
)
from server.lib.timeseries.coverage import MAX_ISLANDS

_NO_STREAM: Final = -1
_SAME_READING_WITHIN_US: Final = (
    31 * 86_400_000_000
)  # two estimates of one reading's time are closer than this
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Outcome(IntEnum):
    """What becomes of a reading or event. The names of the refusals are the ledger's reasons."""

    STORED = 0
    DUPLICATE = 1
    NO_ID = 2
    STREAM_DISABLED = 3
    TOO_MANY_STREAMS = 4

    @property
    def reason(self) -> str:
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class WriteReport:
    """A decoded report, and all that the core database knows about it."""

    report_id: uuid.UUID
    device_id: int
    streamer_key: int
    report: Report
    received: datetime
    writers: Mapping[int, StreamWriter]
    shared_lids: Set[int]
    """Local variable ids that another streamer of the device takes too."""
    event_object: Callable[[Event], str | None]
    """The key under which the large part of an event is kept; the same for the same event."""


@dataclass(frozen=True, slots=True)
class StoredReadings:
    """What was written, for those who want to know at once (live push)."""

    ledger: store.LedgerRow
    readings: store.ReadingBatch
    events: Sequence[store.EventRow]
    last_id: int
    writers: Mapping[int, StreamWriter]


def write_report(
    write: WriteReport, find_writers: Callable[[], Mapping[int, StreamWriter]] | None = None
) -> StoredReadings:
    """Stores what is new, exactly once. Raises Unavailable when the stream-data database is away.

    `find_writers` is asked under the lock of the device's writers, when no archive can take the streams away any more.
    """
    write = replace(write, report=_in_id_order(write.report))
    with store.writing_cursor() as cursor:
        progress = store.lock_progress(cursor, write.streamer_key, device_id=write.device_id)
        if find_writers is not None:
            write = replace(write, writers=find_writers())
        placed = _placed(write, progress)
        outcome = _outcomes(write, progress)
        of_readings, of_events = np.split(outcome, [len(write.report.readings)])
        _drop_readings_stored_before(cursor, write, progress, placed, of_readings)
        _drop_events_stored_before(cursor, write, progress, of_events)
        batch = _readings(write, placed, of_readings == Outcome.STORED)
        events = _events(write, placed, of_events)
        after = _after(write, progress, placed)
        ledger = _ledger(write, outcome)
        store.write_report(cursor, store.ReportWrite(write.streamer_key, batch, events, after, ledger))
    return StoredReadings(ledger, batch, events, after.last_id, write.writers)


def _in_id_order(report: Report) -> Report:
    """The id, not the place in the file, says what came first; devices send in order, so this is nearly always free."""
    ids = report.readings["reading_id"]
    if bool((ids[1:] >= ids[:-1]).all()):
        return report
    order = np.argsort(ids, kind="stable")
    given_us = None if report.given_us is None else report.given_us[order]
    return replace(report, readings=report.readings[order], given_us=given_us)


def _ids(report: Report) -> NDArray[np.int64]:
    """Of the readings, then of the events: they share one counter."""
    events = np.array([event.reading_id for event in report.events], dtype=np.int64)
    return np.concatenate([report.readings["reading_id"].astype(np.int64), events])


def _outcomes(write: WriteReport, progress: store.Progress) -> NDArray[np.uint8]:
    ids = _ids(write.report)
    streams = np.array([event.stream for event in write.report.events], dtype=np.uint16)
    lids = np.concatenate([write.report.readings["stream"], streams])
    outcome = np.where(progress.covered.is_new(ids), Outcome.STORED, Outcome.DUPLICATE).astype(np.uint8)
    outcome[ids == 0] = Outcome.NO_ID
    enabled = _by_lid({lid: int(writer.enabled) for lid, writer in write.writers.items()})[lids]
    outcome[(outcome == Outcome.STORED) & (enabled == 0)] = Outcome.STREAM_DISABLED
    outcome[(outcome == Outcome.STORED) & (enabled == _NO_STREAM)] = Outcome.TOO_MANY_STREAMS
    return outcome


def _by_lid(values: Mapping[int, int]) -> NDArray[np.int32]:
    """A table from local variable id to value."""
    table = np.full(0x1_0000, _NO_STREAM, dtype=np.int32)
    table[list(values)] = list(values.values())
    return table


def _drop_readings_stored_before(
    cursor: CursorWrapper,
    write: WriteReport,
    progress: store.Progress,
    placed: PlacedTimes,
    outcome: NDArray[np.uint8],
) -> None:
    """Where the coverage cannot know, the rows are asked; see `_doubtful`."""
    readings = write.report.readings
    rows = np.flatnonzero(_doubtful(write, progress, readings["stream"], readings["reading_id"], outcome))
    if not rows.size:
        return
    store.lock_device(cursor, write.device_id)
    reboots = rows[readings["stream"][rows] == REBOOT_STREAM]
    others = rows[readings["stream"][rows] != REBOOT_STREAM]
    for chosen, around in ((reboots, None), (others, _around(placed.ts_us[others]))):
        if chosen.size:
            keys = _keys(write, readings["stream"][chosen])
            ids = readings["reading_id"][chosen].tolist()
            known = store.known_ids(cursor, sorted(set(keys)), ids, around=around)
            outcome[chosen[[pair in known for pair in zip(keys, ids, strict=True)]]] = Outcome.DUPLICATE


def _drop_events_stored_before(
    cursor: CursorWrapper, write: WriteReport, progress: store.Progress, outcome: NDArray[np.uint8]
) -> None:
    streams = np.array([event.stream for event in write.report.events], dtype=np.uint16)
    numbers = np.array([event.reading_id for event in write.report.events], dtype=np.int64)
    rows = np.flatnonzero(_doubtful(write, progress, streams, numbers, outcome))
    if not rows.size:
        return
    store.lock_device(cursor, write.device_id)
    keys, ids = _keys(write, streams[rows]), numbers[rows].tolist()
    known = store.known_event_ids(cursor, sorted(set(keys)), ids)
    outcome[rows[[pair in known for pair in zip(keys, ids, strict=True)]]] = Outcome.DUPLICATE


def _doubtful(
    write: WriteReport,
    progress: store.Progress,
    streams: NDArray[np.uint16],
    ids: NDArray[np.integer],
    outcome: NDArray[np.uint8],
) -> NDArray[np.bool_]:
    """What is new by the coverage of this streamer, and may be stored all the same.

    Streamers may overlap: the user and the system streamer both bring reboot marks, with one id but not always one time.
    And a coverage of too many parts that are far from each other has forgotten some.
    """
    doubtful: NDArray[np.bool_] = np.isin(streams, list(write.shared_lids))
    gaps = progress.covered.starts[1:] - progress.covered.ends[:-1]
    if np.count_nonzero(gaps > MAX_JUMP) >= MAX_ISLANDS - 1:
        doubtful |= ids < progress.last_id
    doubtful &= outcome == Outcome.STORED
    return doubtful


def _around(ts_us: NDArray[np.int64]) -> tuple[int, int] | None:
    if not ts_us.size:
        return None
    first, last = int(ts_us.min()) - _SAME_READING_WITHIN_US, int(ts_us.max()) + _SAME_READING_WITHIN_US
    return max(first, EARLIEST_US), min(last, LATEST_US)


def _keys(write: WriteReport, streams: NDArray[np.uint16]) -> list[int]:
    return [write.writers[lid].key for lid in streams.tolist()]


def _placed(write: WriteReport, progress: store.Progress) -> PlacedTimes:
    report = write.report
    return place_times(
        stream=report.readings["stream"],
        raw_time=report.readings["raw_time"],
        received_us=_us(write.received),
        sent_s=report.header.sent_s,
        previous_boot_us=_previous_boot_us(progress) if _advances(write, progress) else None,
        given_us=report.given_us,
        no_time_word=report.header.format == "dictionary",
    )


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _previous_boot_us(progress: store.Progress) -> int | None:
    if progress.last_received is None or progress.last_sent_s is None:
        return None
    return _us(progress.last_received) - progress.last_sent_s * 1_000_000


def _advances(write: WriteReport, progress: store.Progress) -> bool:
    """A late report says nothing about the newest boot, and the newest boot nothing about it.

    An id far above the true ones (damaged, forged) makes every later report look late; so a report counts as late only when
    something newer from its own neighbourhood is covered, or when it was received earlier.
    """
    newest = int(_ids(write.report).max(initial=0))
    if newest == 0:
        return False
    if newest > progress.last_id:
        return True
    covered = progress.covered
    is_near = (covered.starts <= newest + MAX_JUMP) & (covered.ends - 1 > newest)
    received_later = progress.last_received is None or write.received >= progress.last_received
    return received_later and not bool(is_near.any())


def _readings(write: WriteReport, placed: PlacedTimes, new: NDArray[np.bool_]) -> store.ReadingBatch:
    rows = write.report.readings[new]
    value = np.empty(len(rows))
    kind = np.zeros(len(rows), dtype=np.uint8)
    for lid in np.unique(rows["stream"]).tolist():
        chosen = rows["stream"] == lid
        conversion = write.writers[lid].conversion
        value[chosen] = conversion.to_value(rows["value"][chosen])
        kind[chosen] = store.Kind.ITR if conversion.kind == "ITR" else store.Kind.NUM
    return store.ReadingBatch(
        stream_key=_by_lid({lid: writer.key for lid, writer in write.writers.items()})[rows["stream"]],
        ts_us=placed.ts_us[new],
        seq=rows["reading_id"].astype(np.int64),
        device_ts=rows["raw_time"],
        int_value=rows["value"],
        value=value,
        status=placed.status[new],
        kind=kind,
    )


def _events(write: WriteReport, placed: PlacedTimes, outcome: NDArray[np.uint8]) -> list[store.EventRow]:
    rows = []
    for event, result in zip(write.report.events, outcome.tolist(), strict=True):
        if result != Outcome.STORED:
            continue
        ts_us, status = place_event_time(
            event.raw_time,
            event.given_us,
            placed.boot_us,
            received_us=_us(write.received),
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
    ids = _ids(write.report)
    ids = ids[ids > 0]
    covered = progress.covered.with_report(ids)
    if not _advances(write, progress):
        return store.Progress(
            progress.last_id, covered, progress.last_received, progress.last_sent_s, progress.last_reboot
        )
    return store.Progress(
        last_id=max(progress.last_id, int(ids.max())),
        covered=covered,
        last_received=write.received,
        last_sent_s=write.report.header.sent_s,
        last_reboot=_EPOCH + timedelta(microseconds=placed.boot_us),
    )


def _ledger(write: WriteReport, outcome: NDArray[np.uint8]) -> store.LedgerRow:
    stored = _ids(write.report)[outcome == Outcome.STORED]
    counts = {result: int(np.count_nonzero(outcome == result)) for result in Outcome}
    refused = {r.reason: n for r, n in counts.items() if n and r not in {Outcome.STORED, Outcome.DUPLICATE}}
    return store.LedgerRow(
        report=write.report_id,
        received=len(outcome),
        stored=counts[Outcome.STORED],
        duplicate=counts[Outcome.DUPLICATE],
        refused=sum(refused.values()),
        reasons=refused,
        first_id=int(stored.min()) if stored.size else 0,
        last_id=int(stored.max()) if stored.size else 0,
    )
