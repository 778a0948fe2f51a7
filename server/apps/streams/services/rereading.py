"""A stored report processed again: which readings are missing, and which would differ by the
present rules and units."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.services.repairing import Change
from server.apps.streams.services.reports.clocks import report_clock
from server.apps.streams.services.reports.converting import rows_to_store
from server.apps.streams.services.reports.fixed_points import place_by_stored_points
from server.apps.streams.services.reports.outcomes import outcomes_by_coverage
from server.apps.streams.services.reports.placing import place_readings
from server.apps.streams.services.reports.rows import ReportRows, WriteReport
from server.apps.streams.services.streams import StreamWriter
from server.apps.streams.store.batch import EventRow, ReadingBatch
from server.apps.streams.store.repairing import EventPair, ReadingPairs
from server.apps.streams.store.reports import Progress
from server.apps.streams.store.retiming import events_between, rows_between
from server.lib.timeseries import TimeStatus


@dataclass(frozen=True, slots=True)
class PreviousReport:
    """The streamer's report before the one that is read again."""

    last_id: int
    received: datetime
    sent_s: int | None
    report_id: int


def find_reread_changes(
    cursor: CursorWrapper, write: WriteReport, before: PreviousReport | None, *, former_stream_keys: Set[int]
) -> Change:
    """Return what reprocessing a report would change. `former_stream_keys`: archived streams of the
    device and those left behind in other projects; what they hold is neither missing nor changed.

    Stored readings with another raw word or raw device time under the same id stay, and so do
    stored events.
    """
    progress = Progress() if before is None else _progress(before)
    rows = ReportRows.of(write, write.find_streams(), progress)
    # The progress covers nothing, so all rows with an id are new.
    outcomes, _ = outcomes_by_coverage(rows)
    placed, _ = place_readings(cursor, rows, outcomes, report_clock(rows), needs_lock=False)
    placed = place_by_stored_points(cursor, rows, placed)
    wanted, events = rows_to_store(rows, placed, outcomes)
    first_id, last_id = _id_bounds(wanted, events)
    keys = sorted({*np.unique(wanted.stream_key).tolist(), *(event.stream_key for event in events)})
    stored = rows_between(cursor, [*keys, *former_stream_keys], first_id=first_id, last_id=last_id)
    pairs, others = _compare(wanted, stored, former_stream_keys)
    known = events_between(cursor, [*keys, *former_stream_keys], first_id=first_id, last_id=last_id)
    ids = {event.reading_id for event in known}
    missing = [EventPair(None, event) for event in events if event.reading_id not in ids]
    return Change(pairs, missing, warnings=_warnings(pairs, rows.writers, others))


def _progress(before: PreviousReport) -> Progress:
    boot = None if before.sent_s is None else before.received - timedelta(seconds=before.sent_s)
    return Progress(
        last_id=before.last_id,
        last_received=before.received,
        last_sent_s=before.sent_s,
        last_reboot=boot,
        last_report=before.report_id,
    )


def _id_bounds(readings: ReadingBatch, events: Sequence[EventRow]) -> tuple[int, int]:
    ids = [*readings.reading_id.tolist(), *(event.reading_id for event in events)]
    return min(ids, default=1), max(ids, default=0)


def _compare(
    wanted: ReadingBatch, stored: ReadingBatch, former_stream_keys: Set[int]
) -> tuple[ReadingPairs, int]:
    """Return the pairs that differ, and how many ids are taken by readings that are not the
    report's."""
    gone = np.isin(stored.stream_key, list(former_stream_keys))
    archived = set(stored.reading_id[gone].tolist())
    place = {
        pair: row
        for row, pair in enumerate(zip(stored.stream_key.tolist(), stored.reading_id.tolist(), strict=True))
    }
    rows = np.array(
        [
            place.get(pair, -1)
            for pair in zip(wanted.stream_key.tolist(), wanted.reading_id.tolist(), strict=True)
        ],
        dtype=np.int64,
    )
    found = rows >= 0
    missing = ~found & ~np.isin(wanted.reading_id, list(archived))
    known = stored.where(rows[found])
    reread = wanted.where(found)
    alike = (known.int_value == reread.int_value) & (known.raw_time == reread.raw_time)
    if known.no_word is not None:
        alike &= ~known.no_word
    changed = alike & _differs(known, reread)
    return _pairs(known.where(changed), reread.where(changed), wanted.where(missing)), int(np.sum(~alike))


def _differs(known: ReadingBatch, reread: ReadingBatch) -> NDArray[np.bool_]:
    """Return which readings would change. Clock times and times corrected by a person are no
    estimates, so they stay."""
    estimated = (known.status != TimeStatus.UTC) | (reread.status == TimeStatus.UTC)
    moved = ((known.ts_us != reread.ts_us) | (known.status != reread.status)) & estimated
    differ: NDArray[np.bool_] = moved | (known.value.view(np.int64) != reread.value.view(np.int64))
    return differ


def _pairs(known: ReadingBatch, reread: ReadingBatch, missing: ReadingBatch) -> ReadingPairs:
    was = np.append(np.ones(len(known), dtype=np.bool_), np.zeros(len(missing), dtype=np.bool_))
    before, after = known.followed_by(missing), reread.followed_by(missing)
    return ReadingPairs(before, after, was, np.ones(len(was), dtype=np.bool_))


def _warnings(pairs: ReadingPairs, writers: Mapping[int, StreamWriter], others: int) -> list[str]:
    warnings = []
    if others:
        warnings.append(f"{others} ids are taken by other readings, which stay as they are.")
    added = pairs.after.stream_key[~pairs.has_before]
    if added.size:
        warnings.append("Deleted readings would be stored again, including what was trimmed.")
    if np.isin(added, [writer.key for writer in writers.values() if writer.is_encoded]).any():
        warnings.append("Added packets are stored as readings only; no events are made of them.")
    return warnings
