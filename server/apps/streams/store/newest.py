"""Which row of a stream is its newest: the one rule for latest values, `lastn`, and ranges without
an end.

A reading's time may come from a clock that is wrong, and a wrong clock must not decide. The newest
is the last one by time up to now. One that is ahead of now is newer only

- up to `MOST_AHEAD`, if its reading id is not below that of the newest up to now, or
- if the clock is wrong for good: at least `WRONG_CLOCK_ROWS` rows further ahead have higher ids.

What nothing up to now contradicts is the newest, too: of a stream that is all in the future the
last by id.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from server.apps.streams.store.connection import reading_cursor
from server.lib.timeseries import MOST_AHEAD

WRONG_CLOCK_ROWS: Final = 10
Table = Literal["reading", "event"]
_JUST_AFTER: Final = timedelta(microseconds=1)


def newest_ends(table: Table, stream_keys: Iterable[int], *, now: datetime) -> dict[int, datetime]:
    """Return just after the newest row, for those streams only that have rows ahead of now."""
    newest = newest_places(table, _streams_ahead(table, list(stream_keys), now), now=now)
    return {key: ts + _JUST_AFTER for key, (ts, _) in newest.items()}


def _streams_ahead(table: Table, stream_keys: Sequence[int], now: datetime) -> list[int]:
    with reading_cursor() as cursor:
        cursor.execute(
            f"""
            SELECT key FROM unnest(%s::int[]) AS wanted (key)
            WHERE EXISTS (SELECT FROM {table} WHERE stream_key = key AND ts > %s)
            """,
            [list(stream_keys), now],
        )
        return [key for (key,) in cursor.fetchall()]


def newest_places(
    table: Table, stream_keys: Sequence[int], *, now: datetime
) -> dict[int, tuple[datetime, int]]:
    """Return time and id of the newest row of each stream; of one without rows nothing."""
    if not stream_keys:
        return {}
    with reading_cursor() as cursor:
        cursor.execute(
            _NEWEST.format(table=table),
            {
                "keys": list(stream_keys),
                "now": now,
                "bound": now + MOST_AHEAD,
                "wrong_clock_rows": WRONG_CLOCK_ROWS,
            },
        )
        return {key: (ts, reading_id) for key, ts, reading_id in cursor.fetchall() if ts is not None}


# Each part is a look into the index on stream and time.
_NEWEST: Final = """
    SELECT key,
        CASE WHEN uses_far THEN far.ts ELSE near.ts END,
        CASE WHEN uses_far THEN far.seq ELSE near.seq END
    FROM unnest(%(keys)s::int[]) AS wanted (key)
    LEFT JOIN LATERAL (
        SELECT ts, seq FROM {table} WHERE stream_key = key AND ts <= %(now)s ORDER BY ts DESC, seq DESC LIMIT 1
    ) AS past ON true
    LEFT JOIN LATERAL (
        (SELECT ts, seq FROM {table}
            WHERE stream_key = key AND ts > %(now)s AND ts <= %(bound)s AND seq >= coalesce(past.seq, 0)
            ORDER BY ts DESC, seq DESC LIMIT 1)
        UNION ALL SELECT past.ts, past.seq WHERE past.ts IS NOT NULL
        LIMIT 1
    ) AS near ON true
    LEFT JOIN LATERAL (
        SELECT ts, seq, count(*) OVER () AS n FROM (
            SELECT ts, seq FROM {table} WHERE stream_key = key AND ts > %(bound)s AND seq > coalesce(near.seq, -1)
            ORDER BY ts DESC, seq DESC LIMIT %(wrong_clock_rows)s
        ) AS further ORDER BY seq DESC, ts DESC LIMIT 1
    ) AS far ON true
    CROSS JOIN LATERAL (SELECT near.ts IS NULL OR coalesce(far.n, 0) >= %(wrong_clock_rows)s AS uses_far) AS chosen
"""
