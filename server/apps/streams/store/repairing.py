"""Rows before and after a repair, saved in the table `repaired_row` so that it can be undone.

Functions work on whole sets of rows in the caller's transaction. Callers keep the writers of the
device out.
"""

import csv
import io
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.store.batch import EventRow, ReadingBatch, no_readings
from server.apps.streams.store.connection import writing_cursor
from server.apps.streams.store.fetching import fetch_readings
from server.apps.streams.store.reports import copy_readings, insert_events
from server.apps.streams.store.retiming import recompute_hours, refresh_latest, touched_hours
from server.apps.streams.store.upserts import array_sql, times_sql, words_sql
from server.core.errors import Conflict
from server.lib.formats import NO_TIME

_CHANGED: Final = "What is stored has changed meanwhile."
_NO_STREAM: Final = 0
"""Stream of the row that records that the repair was applied, and its result."""


@dataclass(frozen=True, slots=True)
class ReadingPairs:
    """Readings before and after, of equal length. Where `has_before` or `has_after` is False there
    is none on that side, and its columns hold the other side's."""

    before: ReadingBatch
    after: ReadingBatch
    has_before: NDArray[np.bool_]
    has_after: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.has_before)

    @property
    def old(self) -> ReadingBatch:
        return self.before.where(self.has_before)

    @property
    def new(self) -> ReadingBatch:
        return self.after.where(self.has_after)

    def reversed(self) -> "ReadingPairs":
        return ReadingPairs(
            before=self.after, after=self.before, has_before=self.has_after, has_after=self.has_before
        )


class EventPair(NamedTuple):
    """An event before and after; None: there is none on that side. Of an event on both sides only
    time and status change."""

    before: EventRow | None
    after: EventRow | None


def no_reading_pairs() -> ReadingPairs:
    nothing = np.empty(0, dtype=np.bool_)
    return ReadingPairs(no_readings(), no_readings(), nothing, nothing)


# Replacing


def replace_readings(cursor: CursorWrapper, pairs: ReadingPairs) -> None:
    """Replace readings and recompute their hours and latest values. Raises Conflict when one of the
    rows has changed."""
    if not len(pairs):
        return
    old, new = pairs.old, pairs.new
    _delete_readings(cursor, old)
    if len(new):
        with cursor.db.wrap_database_errors:  # which Django does for `execute` only
            copy_readings(cursor, new)
    keys = np.concatenate([old.stream_key, new.stream_key])
    recompute_hours(cursor, *touched_hours(keys, np.concatenate([old.ts_us, new.ts_us])))
    streams = np.unique(keys)
    added = [
        np.count_nonzero(new.stream_key == key) - np.count_nonzero(old.stream_key == key) for key in streams
    ]
    refresh_latest(cursor, streams, added=np.array(added, dtype=np.int64))


def _delete_readings(cursor: CursorWrapper, rows: ReadingBatch) -> None:
    if not len(rows):
        return
    raw_time = np.where(rows.raw_time == NO_TIME, np.nan, rows.raw_time.view(np.int32).astype(np.float64))
    cursor.execute(
        f"""
        LOCK TABLE reading IN ROW EXCLUSIVE MODE;
        DELETE FROM reading AS r USING unnest(
            {array_sql(rows.stream_key)}::int[], {array_sql(rows.reading_id)}::bigint[], {times_sql(rows.ts_us)},
            {array_sql(rows.value)}::float8[], {words_sql(rows)}::int[], {array_sql(raw_time, whole=True)}::int[],
            {array_sql(rows.status)}::smallint[], {array_sql(rows.kind)}::smallint[]
        ) AS old (stream_key, seq, ts, value, int_value, device_ts, status, kind)
        WHERE r.stream_key = old.stream_key AND r.ts = old.ts AND r.seq = old.seq
            AND r.value IS NOT DISTINCT FROM old.value AND r.int_value IS NOT DISTINCT FROM old.int_value
            AND r.device_ts IS NOT DISTINCT FROM old.device_ts AND r.status = old.status AND r.kind = old.kind
            AND r.stream_key = ANY({array_sql(np.unique(rows.stream_key))}::int[])
        """
    )
    if cursor.rowcount != len(rows):
        raise Conflict(_CHANGED)


def replace_events(cursor: CursorWrapper, pairs: Sequence[EventPair]) -> None:
    """Replace events. Raises Conflict when one of them has changed."""
    gone = [pair.before for pair in pairs if pair.before is not None and pair.after is None]
    new = [pair.after for pair in pairs if pair.before is None and pair.after is not None]
    moved = [
        (pair.before, pair.after) for pair in pairs if pair.before is not None and pair.after is not None
    ]
    if gone:
        _change_events(cursor, gone, "DELETE FROM event AS e USING {old} WHERE {matching}")
    if moved:
        _change_events(
            cursor,
            [before for before, _ in moved],
            "UPDATE event AS e SET ts = new_ts, status = new_status FROM {old} WHERE {matching}",
            [after for _, after in moved],
        )
    if new:
        with cursor.db.wrap_database_errors:
            insert_events(cursor, new)


def _change_events(
    cursor: CursorWrapper, before: Sequence[EventRow], sql: str, after: Sequence[EventRow] | None = None
) -> None:
    old = f"""unnest(%s::uuid[], {times_sql(_times(before))}, %s::smallint[], {times_sql(_times(after or before))}, %s::smallint[])
        AS old (uuid, ts, status, new_ts, new_status)"""
    matching = "e.uuid = old.uuid AND e.ts = old.ts AND e.status = old.status"
    cursor.execute(
        f"LOCK TABLE event IN ROW EXCLUSIVE MODE; {sql.format(old=old, matching=matching)}",
        [
            [str(event.uuid) for event in before],
            [event.status for event in before],
            [event.status for event in after or before],
        ],
    )
    if cursor.rowcount != len(before):
        raise Conflict(_CHANGED)


def _times(events: Sequence[EventRow]) -> NDArray[np.int64]:
    return np.array([event.ts_us for event in events], dtype=np.int64)


# Saving what was changed


def result_of_repair(cursor: CursorWrapper, repair: uuid.UUID) -> dict[str, Any] | None:
    """Return what `save_result` saved; None when the repair was not applied."""
    cursor.execute(
        "SELECT after::json FROM repaired_row WHERE repair = %s AND stream_key = %s",
        [str(repair), _NO_STREAM],
    )
    row = cursor.fetchone()
    return None if row is None else row[0]


def save_result(cursor: CursorWrapper, repair: uuid.UUID, result: Mapping[str, Any]) -> None:
    """Save the result of a repair in place of an earlier one."""
    cursor.execute(
        """
        DELETE FROM repaired_row WHERE repair = %s AND stream_key = %s;
        INSERT INTO repaired_row (repair, stream_key, seq, is_event, after) VALUES (%s, %s, 0, false, %s)
        """,
        [str(repair), _NO_STREAM, str(repair), _NO_STREAM, json.dumps(result)],
    )


def save_rows(
    cursor: CursorWrapper, repair: uuid.UUID, pairs: ReadingPairs, events: Sequence[EventPair]
) -> None:
    lines = io.StringIO()
    writer = csv.writer(lines)
    for key, reading_id, before, after in _reading_texts(pairs):
        writer.writerow([repair, key, reading_id, "f", before, after])
    for pair in events:
        event = pair.before or pair.after
        if event is not None:
            texts = [None if side is None else json.dumps(_event_json(side)) for side in pair]
            writer.writerow([repair, event.stream_key, event.reading_id, "t", *texts])
    lines.seek(0)
    with cursor.db.wrap_database_errors:
        cursor.copy_expert(
            "COPY repaired_row (repair, stream_key, seq, is_event, before, after) FROM STDIN (FORMAT csv)",
            lines,
        )


def _reading_texts(pairs: ReadingPairs) -> Iterator[tuple[int, int, str | None, str | None]]:
    before, after = _row_texts(pairs.before, pairs.has_before), _row_texts(pairs.after, pairs.has_after)
    yield from zip(
        pairs.before.stream_key.tolist(), pairs.before.reading_id.tolist(), before, after, strict=True
    )


def _row_texts(batch: ReadingBatch, present: NDArray[np.bool_]) -> Iterator[str | None]:
    """Yield rows as JSON; None where there is none. Values are text, because a JSON number in the
    database has no negative zero."""
    no_word = np.zeros(len(batch), dtype=np.bool_) if batch.no_word is None else batch.no_word
    rows = zip(
        present.tolist(),
        batch.ts_us.tolist(),
        batch.value.tolist(),
        batch.int_value.tolist(),
        no_word.tolist(),
        batch.raw_time.tolist(),
        batch.status.tolist(),
        batch.kind.tolist(),
        strict=True,
    )
    for is_present, ts, value, word, without, raw_time, status, kind in rows:
        row = {"ts_us": ts, "value": repr(value), "int_value": None if without else word}
        row |= {"device_ts": raw_time, "status": status, "kind": kind}
        yield json.dumps(row) if is_present else None


def _event_json(event: EventRow) -> dict[str, Any]:
    return {
        "ts_us": event.ts_us,
        "device_ts": event.raw_time,
        "status": event.status,
        "uuid": str(event.uuid),
        "extra_data": event.extra_data,
        "object_key": event.object_key,
        "data": event.data,
        "object_start": event.object_start,
        "object_size": event.object_size,
    }


# Reading them back


def repaired_rows(cursor: CursorWrapper, repair: uuid.UUID) -> tuple[ReadingPairs, list[EventPair]]:
    cursor.execute(
        """
        SELECT stream_key, seq, is_event, before::json, after::json FROM repaired_row
        WHERE repair = %s AND stream_key <> %s ORDER BY place
        """,
        [str(repair), _NO_STREAM],
    )
    found = cursor.fetchall()
    readings = [
        (key, reading_id, before, after) for key, reading_id, is_event, before, after in found if not is_event
    ]
    events = [
        EventPair(_event_of(key, reading_id, before), _event_of(key, reading_id, after))
        for key, reading_id, is_event, before, after in found
        if is_event
    ]
    return _pairs_of(readings), events


def _pairs_of(rows: Sequence[tuple[int, int, dict[str, Any] | None, dict[str, Any] | None]]) -> ReadingPairs:
    keys, seqs = [row[0] for row in rows], [row[1] for row in rows]
    return ReadingPairs(
        before=_batch_of(keys, seqs, [before or after or {} for _, _, before, after in rows]),
        after=_batch_of(keys, seqs, [after or before or {} for _, _, before, after in rows]),
        has_before=np.array([before is not None for _, _, before, _ in rows], dtype=np.bool_),
        has_after=np.array([after is not None for *_, after in rows], dtype=np.bool_),
    )


def _batch_of(keys: Sequence[int], seqs: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> ReadingBatch:
    no_word = np.array([row["int_value"] is None for row in rows], dtype=np.bool_)
    return ReadingBatch(
        stream_key=np.array(keys, dtype=np.int32),
        ts_us=np.array([row["ts_us"] for row in rows], dtype=np.int64),
        reading_id=np.array(seqs, dtype=np.int64),
        raw_time=np.array([row["device_ts"] for row in rows], dtype=np.uint32),
        int_value=np.array([row["int_value"] or 0 for row in rows], dtype=np.uint32),
        value=np.array([float(row["value"]) for row in rows], dtype=np.float64),
        status=np.array([row["status"] for row in rows], dtype=np.uint8),
        kind=np.array([row["kind"] for row in rows], dtype=np.uint8),
        no_word=no_word if no_word.any() else None,
    )


def _event_of(key: int, reading_id: int, row: Mapping[str, Any] | None) -> EventRow | None:
    if row is None:
        return None
    return EventRow(
        stream_key=key,
        ts_us=row["ts_us"],
        reading_id=reading_id,
        raw_time=row["device_ts"],
        status=row["status"],
        uuid=uuid.UUID(row["uuid"]),
        extra_data=row["extra_data"],
        object_key=row["object_key"],
        data=row.get("data"),  # rows saved by version 0.1 have none
        object_start=row.get("object_start"),
        object_size=row.get("object_size"),
    )


def delete_repaired_rows(cursor: CursorWrapper, repair: uuid.UUID) -> None:
    """Delete the rows of a repair, but not its result."""
    cursor.execute(
        "DELETE FROM repaired_row WHERE repair = %s AND stream_key <> %s", [str(repair), _NO_STREAM]
    )


def delete_repairs(repairs: Sequence[uuid.UUID]) -> None:
    with writing_cursor() as cursor:
        cursor.execute("DELETE FROM repaired_row WHERE repair = ANY(%s::uuid[])", [list(map(str, repairs))])


# What is stored twice


def readings_stored_twice(cursor: CursorWrapper, stream_keys: Sequence[int], *, most: int) -> ReadingBatch:
    """Return all readings that share stream, id, raw word and raw device time with another, the
    earliest first. Ignores rows without an id."""
    return fetch_readings(
        cursor,
        """
        FROM (
            SELECT *, count(*) OVER (PARTITION BY stream_key, seq, int_value, device_ts) AS copies
            FROM reading WHERE stream_key = ANY(%s) AND seq > 0
        ) AS r WHERE copies > 1 ORDER BY stream_key, seq, int_value, device_ts, ts LIMIT %s
        """,
        [list(stream_keys), most],
    )
