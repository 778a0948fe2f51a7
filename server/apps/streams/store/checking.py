"""Compares hours and latest values with the readings, and recomputes them.

One statement sees one snapshot, so a report that is being stored makes no difference: its rows and
its hours commit together.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.store.batch import SUMMABLE
from server.apps.streams.store.retiming import refresh_latest
from server.apps.streams.store.upserts import array_sql
from server.lib.instants import instant_of, us_of


def differing_hours(
    cursor: CursorWrapper, stream_keys: Sequence[int], *, start_us: int, stop_us: int, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return streams and beginnings of hours, from one full hour to another (exclusive), that are
    wrong, missing or superfluous."""
    cursor.execute(
        _DIFFERING_HOURS,
        {"keys": list(stream_keys), "start": instant_of(start_us), "stop": instant_of(stop_us), "most": most},
    )
    found = cursor.fetchall()
    keys = np.array([key for key, _ in found], dtype=np.int64)
    return keys, np.array([us_of(hour) for _, hour in found], dtype=np.int64)


# The last digits of sums depend on the order of addition.
_DIFFERING_HOURS: Final = f"""
    WITH counted AS (
        SELECT stream_key, date_trunc('hour', ts, 'UTC') AS hour, count(*) AS count,
            sum(value) AS sum, min(value) AS min, max(value) AS max,
            (array_agg(value ORDER BY ts, seq))[1] AS first, (array_agg(value ORDER BY ts DESC, seq DESC))[1] AS last,
            min(ts) AS first_ts, max(ts) AS last_ts
        FROM reading
        WHERE stream_key = ANY(%(keys)s) AND ts >= %(start)s AND ts < %(stop)s AND {SUMMABLE}
        GROUP BY 1, 2
    ), kept AS (
        SELECT * FROM rollup_hour WHERE stream_key = ANY(%(keys)s) AND hour >= %(start)s AND hour < %(stop)s
    )
    SELECT stream_key, hour FROM counted FULL JOIN kept USING (stream_key, hour)
    WHERE (counted.count, counted.min, counted.max, counted.first, counted.last, counted.first_ts, counted.last_ts)
            IS DISTINCT FROM (kept.count, kept.min, kept.max, kept.first, kept.last, kept.first_ts, kept.last_ts)
        OR abs(counted.sum - kept.sum) > 1e-9 * kept.count * greatest(abs(kept.min), abs(kept.max))
    ORDER BY stream_key, hour LIMIT %(most)s
"""


def differing_latest(
    cursor: CursorWrapper, stream_keys: Sequence[int], *, with_counts: bool
) -> NDArray[np.int32]:
    """Return streams whose newest or first time is wrong or missing; `with_counts`: or whose count
    is wrong, which reads all their rows."""
    counts = "(SELECT count(*) FROM reading WHERE stream_key = key)" if with_counts else "kept.count"
    cursor.execute(
        f"""
        SELECT key FROM unnest(%s::int[]) AS wanted (key)
        LEFT JOIN latest AS kept ON kept.stream_key = key
        LEFT JOIN LATERAL (
            SELECT ts, seq FROM reading WHERE stream_key = key ORDER BY ts DESC, seq DESC LIMIT 1
        ) AS newest ON true
        LEFT JOIN LATERAL (SELECT ts FROM reading WHERE stream_key = key ORDER BY ts LIMIT 1) AS oldest ON true
        WHERE (newest.ts, newest.seq, oldest.ts) IS DISTINCT FROM (kept.ts, kept.seq, kept.first_ts)
            OR kept.count <> {counts}
        ORDER BY key
        """,
        [list(stream_keys)],
    )
    return np.array([key for (key,) in cursor.fetchall()], dtype=np.int32)


def recount_latest(cursor: CursorWrapper, stream_keys: NDArray[np.int32]) -> None:
    """Recompute latest values, first times and counts of these streams. Reads all their rows."""
    if not len(stream_keys):
        return
    refresh_latest(
        cursor, stream_keys
    )  # and locks their rows: the next statement counts what is stored by then
    cursor.execute(
        f"""
        UPDATE latest AS l SET count = (SELECT count(*) FROM reading WHERE stream_key = l.stream_key)
        WHERE stream_key = ANY({array_sql(stream_keys)}::int[])
        """
    )
