"""Hours and latest values recomputed from the readings by plain SQL."""

from datetime import datetime

from django.db import connections

from server.apps.streams.store.checking import differing_hours
from server.apps.streams.store.connection import hour_from, reading_cursor
from server.apps.streams.tests.written import rows_in
from server.lib.instants import us_of

HOURS = "stream_key, hour, count, round(sum::numeric, 6), min, max, first, last, first_ts, last_ts, first_seq, last_seq"
LATEST = "stream_key, ts, seq, value, int_value, status, kind, first_ts, count"

_HOURS_OF_READINGS = """(
    SELECT stream_key, date_trunc('hour', ts, 'UTC') AS hour, count(*), sum(value), min(value), max(value),
        (array_agg(value ORDER BY ts, seq))[1] AS first, (array_agg(value ORDER BY ts DESC, seq DESC))[1] AS last,
        min(ts) AS first_ts, max(ts) AS last_ts,
        (array_agg(seq ORDER BY ts, seq))[1] AS first_seq, (array_agg(seq ORDER BY ts DESC, seq DESC))[1] AS last_seq
    FROM reading WHERE value IS NOT NULL GROUP BY 1, 2
) AS counted"""

_LATEST_OF_READINGS = """(
    SELECT DISTINCT ON (stream_key) stream_key, ts, seq, value, int_value, status, kind,
        min(ts) OVER everything AS first_ts, count(*) OVER everything AS count
    FROM reading WINDOW everything AS (PARTITION BY stream_key)
    ORDER BY stream_key, ts DESC, seq DESC
) AS counted"""


def assert_all_agrees() -> None:
    """Compare stored hours and latest values with recomputed ones; sums except for their last
    digits, which depend on the order of addition."""
    assert rows_in("rollup_hour", HOURS, "1, 2") == rows_in(_HOURS_OF_READINGS, HOURS, "1, 2")
    assert rows_in("latest", LATEST, "1") == rows_in(_LATEST_OF_READINGS, LATEST, "1")


def everything_stored() -> list[str]:
    """Return all rows of all tables of data as text, to the last bit."""
    tables = ("reading", "event", "rollup_hour", "latest")
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name} ' || row_to_json(t)::text AS row FROM {name} AS t" for name in tables
            )
            + " ORDER BY 1"
        )
        return [str(row) for (row,) in cursor.fetchall()]


def hours_that_differ(stream_key: int, *, until: datetime) -> list[int]:
    """Return the hours of a stream that its readings do not add up to."""
    stop_us = us_of(hour_from(until))
    with reading_cursor() as cursor:
        _, hours_us = differing_hours(cursor, [stream_key], start_us=0, stop_us=stop_us, most=10)
    found: list[int] = hours_us.tolist()
    return found
