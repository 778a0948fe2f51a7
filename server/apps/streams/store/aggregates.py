"""Sums by bucket of time: from hourly rollups for whole hours within one bucket, else from the
readings.

Budget: docs/hotpaths.md. Values that are not summable do not count, as in the rollups.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.apps.streams.store.batch import SUMMABLE
from server.apps.streams.store.connection import hour_from, reading_cursor
from server.lib.timeseries.buckets import Stretch

_HOUR: Final = timedelta(hours=1)
_MOST_PARTIAL_SHARE: Final = 0.25  # of the hours; above it one range of readings is cheaper than many


@dataclass(frozen=True, slots=True)
class BucketSums:
    """Columns. `bucket`: its number, from 0; `n`: how many values. First and last are by time, then
    id; None unless requested."""

    bucket: NDArray[np.int64]
    n: NDArray[np.int64]
    sum: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    first: NDArray[np.float64] | None = None
    last: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class _ReadPlan:
    """What to read: the rollups of hours from `first` to before `last` except `partial_hours`, and
    ranges of readings."""

    first: datetime
    last: datetime
    partial_hours: list[datetime]
    ranges: list[tuple[datetime, datetime]]


def sums_of(stream_key: int, edges: Sequence[datetime], *, with_ends: bool) -> BucketSums:
    """Return the sums between neighbouring edges (ascending, at least two), without empty
    buckets."""
    plan = _read_plan(edges)
    sql = _SQL % {
        "ends": _ENDS if with_ends else "",
        "readings": _OF_READINGS
        if plan.ranges
        else "",  # planning it for every month takes as long as the sums
    }
    parameters = {
        "key": stream_key,
        "edges": _literal(edges),
        "first": plan.first,
        "last": plan.last,
        "partial_hours": _literal(plan.partial_hours),
        "since": [since for since, _ in plan.ranges],
        "until": [until for _, until in plan.ranges],
    }
    # As binary COPY: thousands of rows become a few arrays, without an object per number.
    copied = io.BytesIO()
    with reading_cursor() as cursor:
        statement = cursor.mogrify(sql, parameters).decode()
        with cursor.db.wrap_database_errors:  # which Django does for `execute` only
            cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", copied)
    return _decode_columns(copied.getvalue(), with_ends=with_ends)


_HEADER_BYTES: Final = 19
_TRAILER_BYTES: Final = 2


def _decode_columns(copied: bytes, *, with_ends: bool) -> BucketSums:
    """Decode rows: an int16 with the number of fields, then each field as int32 length and bytes;
    none is NULL here."""
    fields = [("bucket", ">i8"), ("n", ">i8"), ("sum", ">f8"), ("min", ">f8"), ("max", ">f8")]
    if with_ends:
        fields += [("first", ">f8"), ("last", ">f8")]
    layout = [("fields", ">i2")]
    for name, kind in fields:
        layout += [(f"{name}_length", ">i4"), (name, kind)]
    rows = np.frombuffer(copied[_HEADER_BYTES:-_TRAILER_BYTES], dtype=layout)
    return BucketSums(**{name: rows[name].astype(kind.replace(">", "=")) for name, kind in fields})


_ENDS: Final = ", (array_agg(first ORDER BY first_ts, first_seq))[1], (array_agg(last ORDER BY last_ts DESC, last_seq DESC))[1]"
_SQL: Final = """
    SELECT width_bucket(at, %%(edges)s::timestamptz[])::bigint - 1, sum(count)::bigint, sum(sum), min(min), max(max)%(ends)s
    FROM (
        SELECT hour AS at, count, sum, min, max, first, first_ts, first_seq, last, last_ts, last_seq
        FROM rollup_hour
        WHERE stream_key = %%(key)s AND hour >= %%(first)s AND hour < %%(last)s
            AND hour <> ALL (%%(partial_hours)s::timestamptz[])
        %(readings)s
    ) AS parts
    GROUP BY 1 ORDER BY 1
"""
_OF_READINGS: Final = f"""
        UNION ALL
        SELECT r.ts, 1, r.value, r.value, r.value, r.value, r.ts, r.seq, r.value, r.ts, r.seq
        FROM unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) AS part (since, until) CROSS JOIN LATERAL (
            SELECT ts, seq, value FROM reading
            WHERE stream_key = %(key)s AND ts >= since AND ts < until
                AND {SUMMABLE}
        ) AS r
"""


def _literal(moments: Sequence[datetime]) -> str:
    """Return an array literal as one text: binding thousands of elements takes longer than the
    sums."""
    us = np.rint(np.array([moment.timestamp() for moment in moments]) * 1e6).astype("datetime64[us]")
    return "{" + ",".join(np.datetime_as_string(us, timezone="UTC").tolist()) + "}"


def _read_plan(edges: Sequence[datetime]) -> _ReadPlan:
    start, end = edges[0], edges[-1]
    partial_hours = sorted({hour for edge in edges if (hour := hour_from(edge, before=True)) != edge})
    if len(partial_hours) > max(2, _MOST_PARTIAL_SHARE * ((end - start) / _HOUR)):
        return _ReadPlan(start, start, [], [(start, end)])
    ranges = [(max(start, hour), min(end, hour + _HOUR)) for hour in partial_hours]
    return _ReadPlan(hour_from(start, before=True), hour_from(end), partial_hours, _join_ranges(ranges))


def _join_ranges(ranges: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Join ranges that touch."""
    joined: list[tuple[datetime, datetime]] = []
    for since, until in ranges:
        if joined and joined[-1][1] == since:
            joined[-1] = (joined[-1][0], until)
        else:
            joined.append((since, until))
    return joined


_MOST_GAPS: Final = 200


def stretches_with_values(
    stream_key: int, *, start: datetime, end: datetime, apart: timedelta
) -> list[Stretch]:
    """Return where a stream has values between two times, ascending: its hours, divided at the
    widest gaps of more than `apart`."""
    with reading_cursor() as cursor:
        cursor.execute(
            """
            WITH hours AS (
                SELECT hour, lead(hour) OVER (ORDER BY hour) AS next FROM rollup_hour
                WHERE stream_key = %(key)s AND hour > %(start)s::timestamptz - interval '1 hour' AND hour < %(end)s
            ), gaps AS (
                SELECT hour, next FROM hours WHERE next - hour > make_interval(secs => %(apart)s) ORDER BY next - hour DESC LIMIT %(most)s
            )
            SELECT (SELECT min(hour) FROM hours), (SELECT max(hour) FROM hours),
                ARRAY(SELECT hour FROM gaps ORDER BY hour), ARRAY(SELECT next FROM gaps ORDER BY hour)
            """,
            {
                "key": stream_key,
                "start": start,
                "end": end,
                "apart": apart.total_seconds(),
                "most": _MOST_GAPS,
            },
        )
        first, last, before_gaps, after_gaps = cursor.fetchone()
    if first is None:
        return []
    last_hours = zip([first, *after_gaps], [*before_gaps, last], strict=True)
    return [Stretch(max(since, start), min(until + _HOUR, end)) for since, until in last_hours]


@dataclass(frozen=True, slots=True)
class NewestSums:
    """Sums of the newest readings with a value, and their first and last time."""

    count: int
    sum: float | None
    min: float | None
    max: float | None
    first_ts: datetime | None
    last_ts: datetime | None


def newest_sums(
    stream_key: int, *, start: datetime | None, end: datetime | None, limit: int | None
) -> NewestSums:
    with reading_cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*), sum(value), min(value), max(value), min(ts), max(ts) FROM (
                SELECT ts, value FROM reading
                WHERE stream_key = %s AND ts >= coalesce(%s, '-infinity'::timestamptz)
                    AND ts < coalesce(%s, 'infinity'::timestamptz) AND {SUMMABLE}
                ORDER BY ts DESC, seq DESC LIMIT %s
            ) AS newest
            """,
            [stream_key, start, end, limit],
        )
        return NewestSums(*cursor.fetchone())


@dataclass(frozen=True, slots=True)
class Summary:
    """Summary statistics of a stream, as pandas' `describe` has them."""

    stream_key: int
    count: int
    sum: float
    mean: float
    std: float | None
    min: float
    median: float
    max: float


def summaries_of(ranges: Sequence[Any]) -> list[Summary]:
    """Return summary statistics by stream, of ranges (stream key, start, end)."""
    with reading_cursor() as cursor:
        cursor.execute(
            f"""
            SELECT key, count(value), sum(value), avg(value), stddev_samp(value), min(value),
                percentile_cont(0.5) WITHIN GROUP (ORDER BY value), max(value)
            FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) AS part (key, since, until)
            JOIN reading ON stream_key = key AND ts >= coalesce(since, '-infinity') AND ts < coalesce(until, 'infinity')
            WHERE {SUMMABLE}
            GROUP BY key ORDER BY key
            """,
            [list(column) for column in zip(*ranges, strict=True)] or [[], [], []],
        )
        return [Summary(*row) for row in cursor.fetchall()]
