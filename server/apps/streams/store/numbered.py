"""Readings that are found by a number instead of by time: words of packets by reading id, and
readings that name events by their word.

The index `reading_by_stream_and_number` holds only these.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray
from psycopg2.extras import execute_values

from server.apps.streams.store.batch import Kind, ReadingBatch
from server.apps.streams.store.connection import reading_cursor
from server.apps.streams.store.fetching import fetch_readings
from server.apps.streams.store.retiming import Retiming
from server.apps.streams.store.upserts import array_sql
from server.lib.instants import instant_of, us_of

_NUMBER: Final = f"(CASE WHEN kind = {Kind.EVENT_NUMBER:d} THEN int_value::bigint & 4294967295 ELSE seq END)"
_IN_PACKETS: Final = f"kind >= 2 AND kind BETWEEN {Kind.PACKET_BEGIN:d} AND {Kind.PACKET_END:d}"
_ARE_NUMBERS: Final = f"kind >= 2 AND kind = {Kind.EVENT_NUMBER:d}"


class StreamIdRange(NamedTuple):
    """Reading ids of a stream, both inclusive."""

    stream_key: int
    first: int
    last: int


def packet_rows(
    cursor: CursorWrapper, ranges: Sequence[StreamIdRange], *, beside: int, most: int
) -> ReadingBatch:
    """Return words of packets in each range, at most `most`, and up to `beside` on either side of
    it. Some may come twice."""
    columns = np.array(ranges, dtype=np.int64).reshape(-1, 3)
    keys, firsts, lasts = (array_sql(columns[:, place]) for place in range(3))
    rows = f"SELECT * FROM reading WHERE stream_key = key AND {_IN_PACKETS} AND {_NUMBER}"
    return fetch_readings(
        cursor,
        f"""
        FROM unnest({keys}::int[], {firsts}::bigint[], {lasts}::bigint[]) AS id_range (key, low, high), LATERAL (
            ({rows} < low ORDER BY {_NUMBER} DESC LIMIT {beside})
            UNION ALL ({rows} BETWEEN low AND high ORDER BY {_NUMBER} LIMIT {most})
            UNION ALL ({rows} > high ORDER BY {_NUMBER} LIMIT {beside})
        ) AS r
        """,
        [],
    )


class PacketEvent(NamedTuple):
    """A stored event that was made of a packet."""

    stream_key: int
    reading_id: int
    uuid: uuid.UUID
    extra_data: dict[str, Any]


def events_in(cursor: CursorWrapper, ranges: Sequence[StreamIdRange]) -> list[PacketEvent]:
    """Return the events with ids in these ranges."""
    columns = np.array(ranges, dtype=np.int64).reshape(-1, 3)
    keys, firsts, lasts = (array_sql(columns[:, place]) for place in range(3))
    cursor.execute(
        f"""
        SELECT e.stream_key, e.seq, e.uuid, e.extra_data::json
        FROM unnest({keys}::int[], {firsts}::bigint[], {lasts}::bigint[]) AS id_range (key, low, high)
        JOIN event AS e ON e.stream_key = key AND e.seq BETWEEN low AND high
        """
    )
    return [PacketEvent(*row) for row in cursor.fetchall()]


class EventCorrection(NamedTuple):
    uuid: uuid.UUID
    ts_us: int
    status: int
    extra_data: Mapping[str, Any]


def correct_events(
    cursor: CursorWrapper, corrections: Sequence[EventCorrection], *, removed: Sequence[uuid.UUID]
) -> None:
    """Update events whose packet now reads differently, and delete those that turned out to be
    none."""
    if removed:
        cursor.execute("DELETE FROM event WHERE uuid = ANY(%s::uuid[])", [[str(each) for each in removed]])
    if corrections:
        execute_values(
            cursor.cursor,
            """
            UPDATE event AS e SET ts = new.ts, status = new.status, extra_data = new.extra_data::jsonb
            FROM (VALUES %s) AS new (uuid, ts, status, extra_data) WHERE e.uuid = new.uuid::uuid
            """,
            [(str(c.uuid), instant_of(c.ts_us), c.status, json.dumps(c.extra_data)) for c in corrections],
        )


def update_event_times(
    cursor: CursorWrapper, stream_keys: NDArray[np.int32], numbers: NDArray[np.int64]
) -> int:
    """Give events the times of the readings that name them; of several readings the lowest id
    counts. Returns how many changed.

    Called, with `lock_device`, when the second of an event and its reading is stored.
    """
    cursor.execute(
        f"""
        LOCK TABLE event IN ROW EXCLUSIVE MODE;
        UPDATE event AS e SET ts = naming.ts, status = naming.status
        FROM unnest({array_sql(stream_keys)}::int[], {array_sql(numbers)}::bigint[]) AS wanted (key, number),
            LATERAL (
                SELECT ts, status FROM reading
                WHERE stream_key = key AND {_ARE_NUMBERS} AND {_NUMBER} = number ORDER BY seq LIMIT 1
            ) AS naming
        WHERE e.stream_key = key AND e.seq = number AND (e.ts, e.status) IS DISTINCT FROM (naming.ts, naming.status)
        """
    )
    return int(cursor.rowcount)


def events_at_other_times(
    cursor: CursorWrapper, *, named: Sequence[int], in_packets: Sequence[int]
) -> Retiming:
    """Return events whose time differs from that of the reading that has their id as its word
    (`named`) or of the begin of their packet. Reads all readings of the streams: some may be older
    than the stream's variable type.
    """
    cursor.execute(
        f"""
        SELECT e.stream_key, e.seq, e.ts, naming.ts, naming.status FROM (
            SELECT DISTINCT ON (stream_key, number) stream_key, number, ts, status FROM (
                SELECT stream_key, seq, ts, status, int_value::bigint & 4294967295 AS number
                FROM reading WHERE stream_key = ANY(%s)
                UNION ALL
                SELECT stream_key, seq, ts, status, seq AS number
                FROM reading WHERE stream_key = ANY(%s) AND kind = {Kind.PACKET_BEGIN:d}
            ) AS telling ORDER BY stream_key, number, seq
        ) AS naming JOIN event AS e ON e.stream_key = naming.stream_key AND e.seq = naming.number
        WHERE (e.ts, e.status) IS DISTINCT FROM (naming.ts, naming.status) ORDER BY e.stream_key, e.seq
        """,
        [list(named), list(in_packets)],
    )
    rows = cursor.fetchall()
    return Retiming(
        stream_key=np.array([key for key, *_ in rows], dtype=np.int32),
        reading_id=np.array([row[1] for row in rows], dtype=np.int64),
        old_us=np.array([us_of(row[2]) for row in rows], dtype=np.int64),
        new_us=np.array([us_of(row[3]) for row in rows], dtype=np.int64),
        status=np.array([row[4] for row in rows], dtype=np.uint8),
    )


class RawWord(NamedTuple):
    stream_key: int
    reading_id: int
    ts: datetime
    int_value: int


def words_after(stream_keys: Sequence[int], *, after_id: int, most: int) -> list[RawWord]:
    """Return the last words by id, at most `most`, with ids above `after_id`. For streams with few
    readings: all of them are read."""
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT stream_key, seq, ts, int_value::bigint & 4294967295 FROM reading
            WHERE stream_key = ANY(%s) AND seq > %s AND int_value IS NOT NULL ORDER BY seq DESC LIMIT %s
            """,
            [list(stream_keys), after_id, most],
        )
        return [RawWord(*row) for row in cursor.fetchall()]
