"""Moves stored rows to other times, with the hours they leave and enter and the latest values.

All in the caller's transaction, in a few statements whatever the number of rows. Callers have
joined the writers of the device or keep them out; to move rows that another writer may be moving
they take `lock_device` first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.store.batch import EventRow, ReadingBatch
from server.apps.streams.store.connection import reading_cursor
from server.apps.streams.store.fetching import fetch_readings
from server.apps.streams.store.reads import EVENT_COLUMNS, EventRecord
from server.apps.streams.store.upserts import array_sql, rollup_sql, times_sql
from server.lib.instants import instant_of, us_of
from server.lib.timeseries import HOUR_US


@dataclass(frozen=True, slots=True)
class Retiming:
    """Columns of equal length. Stream, id and old time identify a row; `status` is a TimeStatus."""

    stream_key: NDArray[np.int32]
    reading_id: NDArray[np.int64]
    old_us: NDArray[np.int64]
    new_us: NDArray[np.int64]
    status: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.reading_id)


def rows_between(
    cursor: CursorWrapper,
    stream_keys: Sequence[int],
    *,
    first_id: int,
    last_id: int,
    within: tuple[int, int] | None = None,
) -> ReadingBatch:
    """Return readings from `first_id` to `last_id` in the order of their ids, between two times in
    microseconds (all inclusive).

    There is no index on the id: without times all readings of the streams are read.
    """
    where, parameters = _between(stream_keys, first_id, last_id, within)
    return fetch_readings(cursor, f"FROM reading WHERE {where} ORDER BY seq, ts, stream_key", parameters)


def events_between(
    cursor: CursorWrapper,
    stream_keys: Sequence[int],
    *,
    first_id: int,
    last_id: int,
    within: tuple[int, int] | None = None,
) -> list[EventRow]:
    """Return events, as `rows_between` returns readings."""
    where, parameters = _between(stream_keys, first_id, last_id, within)
    cursor.execute(
        f"SELECT {EVENT_COLUMNS} FROM event WHERE {where} ORDER BY seq, ts, stream_key, uuid", parameters
    )
    return [_event_row(EventRecord(*row)) for row in cursor.fetchall()]


def count_between(stream_keys: Sequence[int], *, first_id: int, last_id: int, most: int) -> int:
    """Count readings and events with these ids; `most` if there are more."""
    where, parameters = _between(stream_keys, first_id, last_id, None)
    with reading_cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FROM (
                SELECT FROM reading WHERE {where} UNION ALL SELECT FROM event WHERE {where} LIMIT %s
            ) AS found
            """,
            [*parameters, *parameters, most],
        )
        return int(cursor.fetchone()[0])


def _between(
    stream_keys: Sequence[int], first_id: int, last_id: int, within: tuple[int, int] | None
) -> tuple[str, list[Any]]:
    where, parameters = (
        "stream_key = ANY(%s) AND seq BETWEEN %s AND %s",
        [list(stream_keys), first_id, last_id],
    )
    if within is None:
        return where, parameters
    return f"{where} AND ts BETWEEN %s AND %s", [*parameters, *map(instant_of, within)]


def _event_row(event: EventRecord) -> EventRow:
    return EventRow(
        stream_key=event.stream_key,
        ts_us=us_of(event.ts),
        reading_id=event.reading_id,
        raw_time=event.raw_time,
        status=event.status,
        uuid=event.uuid,
        extra_data=event.extra_data,
        object_key=event.object_key,
        data=event.data,
        object_start=event.object_start,
        object_size=event.object_size,
    )


def retime(cursor: CursorWrapper, rows: Retiming) -> int:
    """Move readings, and recompute the hours that they leave and enter and the latest values.

    Returns how many readings moved; a row that is not where `rows` says stays as it is.
    """
    moved = _move(cursor, "reading", rows)
    if moved:
        recompute_hours(cursor, *touched_hours(rows.stream_key, rows.old_us, rows.new_us))
        refresh_latest(cursor, np.unique(rows.stream_key))
    return moved


def retime_events(cursor: CursorWrapper, rows: Retiming) -> int:
    """Move events, as `retime` does; events have no hours or latest values."""
    return _move(cursor, "event", rows)


def _move(cursor: CursorWrapper, table: str, rows: Retiming) -> int:
    """Update all rows in one statement, so that a row may take the place that another leaves.
    PostgreSQL moves rows between partitions."""
    if not len(rows):
        return 0
    keys = array_sql(np.unique(rows.stream_key))
    cursor.execute(
        f"""
        LOCK TABLE {table} IN ROW EXCLUSIVE MODE;
        UPDATE {table} AS r SET ts = moved.new_ts, status = moved.status
        FROM unnest(
            {array_sql(rows.stream_key)}::int[], {array_sql(rows.reading_id)}::bigint[], {times_sql(rows.old_us)},
            {times_sql(rows.new_us)}, {array_sql(rows.status)}::smallint[]
        ) AS moved (stream_key, seq, old_ts, new_ts, status)
        WHERE r.stream_key = moved.stream_key AND r.seq = moved.seq AND r.ts = moved.old_ts
            AND r.stream_key = ANY({keys}::int[]) AND r.ts BETWEEN %s AND %s
        """,
        [instant_of(int(rows.old_us.min())), instant_of(int(rows.old_us.max()))],
    )
    return int(cursor.rowcount)


def touched_hours(
    stream_key: NDArray[np.int32], *times_us: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return streams and beginnings of hours, each pair once, in the order in which writers lock
    them."""
    keys = np.tile(stream_key.astype(np.int64), len(times_us))
    hours = np.concatenate(times_us) // HOUR_US * HOUR_US
    pairs = np.unique(np.stack([keys, hours]), axis=1)
    return pairs[0], pairs[1]


def recompute_hours(cursor: CursorWrapper, stream_key: NDArray[np.int64], hour_us: NDArray[np.int64]) -> None:
    """Recompute these hours from their readings, also while reports are being stored."""
    if not len(stream_key):
        return
    # Each hour's row is locked, or created, before its readings are read: this waits for a writer
    # that has already added its readings, and a writer that has not adds them after this
    # transaction.
    hours = f"unnest({array_sql(stream_key)}::int[], {times_sql(hour_us)})"
    cursor.execute(_LOCK_HOURS.format(hours=hours))
    readings = readings_of_hours(cursor, stream_key, hour_us)
    cursor.execute(f"{_DELETE_HOURS.format(hours=hours)}; {rollup_sql(readings)}")


_LOCK_HOURS: Final = """
    LOCK TABLE reading IN ROW EXCLUSIVE MODE;
    INSERT INTO rollup_hour AS r (stream_key, hour, count, sum, min, max, first, last, first_ts, last_ts, first_seq, last_seq)
    SELECT key, hour, 0, 0, 0, 0, 0, 0, hour, hour, 0, 0 FROM {hours} AS touched (key, hour)
    ON CONFLICT (stream_key, hour) DO UPDATE SET count = r.count
"""
_DELETE_HOURS: Final = """
    DELETE FROM rollup_hour AS r USING {hours} AS touched (key, hour)
    WHERE r.stream_key = touched.key AND r.hour = touched.hour
"""


def readings_of_hours(
    cursor: CursorWrapper, stream_key: NDArray[np.int64], hour_us: NDArray[np.int64]
) -> ReadingBatch:
    """Return the readings of hours by stream, time and id. Consecutive hours are read together,
    with one index scan per range."""
    keys, starts, ends = _hour_ranges(stream_key, hour_us)
    return fetch_readings(
        cursor,
        f"""
        FROM unnest({array_sql(keys)}::int[], {times_sql(starts)}, {times_sql(ends)}) AS hour_range (key, start, stop),
            LATERAL (SELECT * FROM reading WHERE stream_key = key AND ts >= start AND ts < stop) AS r
        """,
        [],
    ).in_key_order()


def _hour_ranges(
    stream_key: NDArray[np.int64], hour_us: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return streams with the start and end (exclusive) of their runs of consecutive hours."""
    follows = (stream_key[1:] == stream_key[:-1]) & (hour_us[1:] == hour_us[:-1] + HOUR_US)
    first = np.flatnonzero(np.append(True, ~follows))
    last = np.flatnonzero(np.append(~follows, True))
    return stream_key[first], hour_us[first], hour_us[last] + HOUR_US


def refresh_latest(
    cursor: CursorWrapper, stream_keys: NDArray[np.int32], *, added: NDArray[np.int64] | None = None
) -> None:
    """Set the newest reading and the first time of each stream, and change its count by `added`. A
    stream without readings gets no row."""
    keys = f"{array_sql(stream_keys)}::int[]"
    more = np.zeros(len(stream_keys), dtype=np.int64) if added is None else added
    cursor.execute(_REFRESH_LATEST.format(keys=keys, wanted=f"unnest({keys}, {array_sql(more)}::bigint[])"))


# The row is locked, or created; the statements after it see what was stored until then, and later
# writers wait. The count is not recomputed: that would read all rows of the stream.
_REFRESH_LATEST: Final = """
    INSERT INTO latest AS l (stream_key, ts, seq, status, kind, first_ts, count)
    SELECT key, 'epoch', 0, 0, 0, 'epoch', 0 FROM {wanted} AS wanted (key, added)
    ON CONFLICT (stream_key) DO UPDATE SET count = l.count;
    UPDATE latest AS l SET
        (ts, seq, value, int_value, status, kind) = (
            SELECT ts, seq, value, int_value, status, kind FROM reading WHERE stream_key = l.stream_key
            ORDER BY ts DESC, seq DESC LIMIT 1),
        first_ts = (SELECT ts FROM reading WHERE stream_key = l.stream_key ORDER BY ts LIMIT 1),
        count = l.count + wanted.added
    FROM {wanted} AS wanted (key, added)
    WHERE l.stream_key = wanted.key AND EXISTS (SELECT FROM reading WHERE stream_key = l.stream_key);
    DELETE FROM latest AS l WHERE l.stream_key = ANY({keys})
        AND NOT EXISTS (SELECT FROM reading WHERE stream_key = l.stream_key)
"""
