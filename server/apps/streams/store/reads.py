"""Pages, counts, latest values and charts of readings. A primary key serves every query here."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.backends.utils import CursorWrapper

from server.apps.streams.store.batch import SUMMABLE
from server.apps.streams.store.connection import hour_from, reading_cursor
from server.apps.streams.store.newest import newest_places

WORD: Final = 0xFFFF_FFFF
CHART_POINTS: Final = 600
_DEEP: Final = 2000  # from this offset on it is cheaper to find the start by the hourly rollups
_ROLLUP_STEP_FROM_S: Final = 900  # a bucket of a quarter of an hour and more is drawn from the hourly rollups


class Reading(NamedTuple):
    """A stored reading; `int_value` (the raw word) and `raw_time` are unsigned."""

    stream_key: int
    ts: datetime
    reading_id: int
    raw_time: int | None
    int_value: int | None
    value: float | None
    status: int
    kind: int


READING_COLUMNS: Final = (
    "stream_key, ts, seq, device_ts::bigint & 4294967295, int_value::bigint & 4294967295, value, status, kind"
)
EVENT_COLUMNS: Final = "stream_key, ts, seq, device_ts, status, uuid, extra_data::json, object_key, data, object_start, object_size"


@dataclass(frozen=True, slots=True)
class Latest:
    ts: datetime
    reading_id: int
    value: float | None
    int_value: int | None
    status: int
    kind: int
    first_ts: datetime
    count: int


@dataclass(frozen=True, slots=True)
class EventRecord:
    stream_key: int
    ts: datetime
    reading_id: int
    raw_time: int | None
    status: int
    uuid: uuid.UUID
    extra_data: dict[str, Any]
    object_key: str | None
    data: str | None = None
    object_start: int | None = None
    object_size: int | None = None

    @property
    def has_data(self) -> bool:
        """Whether it has a large part."""
        return self.data is not None or self.object_key is not None


class Band(NamedTuple):
    """One point of a chart, for one interval. A single reading gives its own time and min = max =
    mean."""

    ts: datetime
    min: float
    max: float
    mean: float
    n: int


def latest_of(stream_keys: Sequence[int], *, now: datetime) -> dict[int, Latest]:
    """Return latest values by stream; streams without readings are missing."""
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT stream_key, ts, seq, value, int_value::bigint & 4294967295, status, kind, first_ts, count
            FROM latest WHERE stream_key = ANY(%s)
            """,
            [list(stream_keys)],
        )
        latest = {key: Latest(*rest) for key, *rest in cursor.fetchall()}
    ahead = [key for key, last in latest.items() if last.ts > now]
    return latest | _newest_of_streams_ahead(latest, ahead, now) if ahead else latest


def _newest_of_streams_ahead(
    latest: Mapping[int, Latest], stream_keys: Sequence[int], now: datetime
) -> dict[int, Latest]:
    """Return the newest readings in place of the last ones by time, which the table has."""
    places = newest_places("reading", stream_keys, now=now)
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT key, r.ts, r.seq, r.value, r.int_value::bigint & 4294967295, r.status, r.kind
            FROM unnest(%s::int[], %s::timestamptz[], %s::bigint[]) AS place (key, at, id), LATERAL (
                SELECT * FROM reading WHERE stream_key = key AND ts = at AND seq = id LIMIT 1
            ) AS r
            """,
            [
                list(places),
                [ts for ts, _ in places.values()],
                [reading_id for _, reading_id in places.values()],
            ],
        )
        return {
            key: replace(
                latest[key],
                ts=ts,
                reading_id=reading_id,
                value=value,
                int_value=word,
                status=status,
                kind=kind,
            )
            for key, ts, reading_id, value, word, status, kind in cursor.fetchall()
        }


def count_readings(stream_keys: Sequence[int], *, start: datetime | None, end: datetime | None) -> int:
    """Count readings from `start` (inclusive) to `end` (exclusive). Without bounds it is cheap:
    `latest` has the counts."""
    with reading_cursor() as cursor:
        if start is None and end is None:
            cursor.execute(
                "SELECT coalesce(sum(count), 0) FROM latest WHERE stream_key = ANY(%s)", [list(stream_keys)]
            )
        else:
            where, parameters = _range(start, end)
            cursor.execute(
                f"SELECT count(*) FROM reading WHERE stream_key = ANY(%s){where}",
                [list(stream_keys), *parameters],
            )
        return int(cursor.fetchone()[0])


def _hour_before_offset(
    cursor: CursorWrapper, stream_keys: Sequence[int], offset: int
) -> tuple[datetime | None, int]:
    """Return an hour that begins before the reading at this offset, and how many readings are
    before that hour.

    With it, a page deep in a long stream does not read everything before it. The hours count only
    readings with a value; when there are others, the result is (None, 0).
    """
    cursor.execute(
        """
        SELECT hour, before FROM (
            SELECT hour, (sum(sum(count)) OVER (ORDER BY hour) - sum(count))::bigint AS before
            FROM rollup_hour WHERE stream_key = ANY(%(keys)s) GROUP BY hour
        ) AS hours
        WHERE before <= %(offset)s
            AND (SELECT sum(count) FROM latest WHERE stream_key = ANY(%(keys)s))
                = (SELECT sum(count) FROM rollup_hour WHERE stream_key = ANY(%(keys)s))
        ORDER BY hour DESC LIMIT 1
        """,
        {"keys": list(stream_keys), "offset": offset},
    )
    hour, before = cursor.fetchone() or (None, 0)
    return hour, before


def readings_of_stream(
    stream_key: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int,
    offset: int = 0,
    newest: bool = False,
) -> list[Reading]:
    """Return readings by time, then id, ascending; with `newest` the last `limit` ones."""
    order = "ts DESC, seq DESC" if newest else "ts, seq"
    with reading_cursor() as cursor:
        if start is None and offset >= _DEEP and not newest:
            start, before = _hour_before_offset(cursor, [stream_key], offset)
            offset -= before
        where, parameters = _range(start, end)
        cursor.execute(
            f"SELECT {READING_COLUMNS} FROM reading WHERE stream_key = %s{where} ORDER BY {order} LIMIT %s OFFSET %s",
            [stream_key, *parameters, limit, offset],
        )
        rows = _readings(cursor)
    if newest:
        rows.reverse()
    return rows


def readings_of_streams(
    stream_keys: Sequence[int],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int,
    offset: int = 0,
    newest: bool = False,
) -> list[Reading]:
    """Return readings of several streams merged by time. Each is read up to the end of the page
    only, by the index."""
    order = "ts DESC, seq DESC" if newest else "ts, seq"
    with reading_cursor() as cursor:
        if start is None and offset >= _DEEP and not newest:
            start, before = _hour_before_offset(cursor, stream_keys, offset)
            offset -= before
        where, parameters = _range(start, end)
        cursor.execute(
            f"""
            SELECT {READING_COLUMNS} FROM unnest(%s::int[]) AS wanted (key), LATERAL (
                SELECT * FROM reading WHERE stream_key = key{where} ORDER BY {order} LIMIT %s
            ) AS r ORDER BY {order}, stream_key{" DESC" if newest else ""} LIMIT %s OFFSET %s
            """,
            [list(stream_keys), *parameters, offset + limit, limit, offset],
        )
        rows = _readings(cursor)
    if newest:
        rows.reverse()
    return rows


def _readings(cursor: CursorWrapper) -> list[Reading]:
    return list(map(Reading._make, cursor.fetchall()))


def _range(start: datetime | None, end: datetime | None) -> tuple[str, list[datetime]]:
    where, parameters = "", []
    if start is not None:
        where, parameters = " AND ts >= %s", [start]
    if end is not None:
        where, parameters = f"{where} AND ts < %s", [*parameters, end]
    return where, parameters


def chart_band(stream_key: int, *, start: datetime, end: datetime, points: int = CHART_POINTS) -> list[Band]:
    """Divide [start, end) into about `points` intervals and return those with values, ascending."""
    step_s = max((end - start).total_seconds() / points, 0.001)
    parameters: dict[str, int | float | datetime] = {
        "key": stream_key,
        "start": start,
        "end": end,
        "step": step_s,
    }
    sql = _BAND_OF_READINGS
    if step_s >= _ROLLUP_STEP_FROM_S:
        sql, first = _BAND_OF_HOURS, hour_from(start)
        parameters |= {"first_hour": first, "last_hour": max(first, hour_from(end, before=True))}
    with reading_cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(map(Band._make, cursor.fetchall()))


_BAND_OF_READINGS: Final = f"""
    SELECT min(ts), min(value), max(value), avg(value), count(value)
    FROM reading WHERE stream_key = %(key)s AND ts >= %(start)s AND ts < %(end)s AND {SUMMABLE}
    GROUP BY floor(extract(epoch FROM ts - %(start)s::timestamptz) / %(step)s) ORDER BY 1
"""

# Whole hours from their rollups, the rest at both ends from the readings.
_BAND_OF_HOURS: Final = f"""
    SELECT min(first_ts), min(min), max(max), sum(sum) / sum(count), sum(count)::bigint
    FROM (
        SELECT hour AS at, first_ts, min, max, sum, count FROM rollup_hour
        WHERE stream_key = %(key)s AND hour >= %(first_hour)s AND hour < %(last_hour)s
        UNION ALL
        SELECT ts, ts, value, value, value, 1 FROM reading
        WHERE stream_key = %(key)s AND ts >= %(start)s AND ts < %(first_hour)s AND {SUMMABLE}
        UNION ALL
        SELECT ts, ts, value, value, value, 1 FROM reading
        WHERE stream_key = %(key)s AND ts >= %(last_hour)s AND ts < %(end)s AND {SUMMABLE}
    ) AS part
    GROUP BY floor(extract(epoch FROM at - %(start)s::timestamptz) / %(step)s) ORDER BY 1
"""


def events_of_streams(
    stream_keys: Sequence[int],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int,
    newest: bool = False,
) -> list[EventRecord]:
    """Return events by time, then id, ascending; with `newest` the last `limit` ones."""
    where, parameters = _range(start, end)
    order = "ts DESC, seq DESC" if newest else "ts, seq"
    with reading_cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {EVENT_COLUMNS} FROM event WHERE stream_key = ANY(%s){where} ORDER BY {order} LIMIT %s
            """,
            [list(stream_keys), *parameters, limit],
        )
        rows = [EventRecord(*row) for row in cursor.fetchall()]
    if newest:
        rows.reverse()
    return rows
