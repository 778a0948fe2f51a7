"""Finds stored data that cannot be true. Each query reads small tables, or a bounded part of large
ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from server.apps.streams.store.connection import reading_cursor

MOST: Final = 200
"""The limit of each query: where more is wrong, this many show it."""


class SuspectStream(NamedTuple):
    stream_key: int
    ts: datetime


def streams_with_future_readings(*, after: datetime) -> list[SuspectStream]:
    """Return streams whose newest reading is later than `after`."""
    with reading_cursor() as cursor:
        cursor.execute(
            "SELECT stream_key, ts FROM latest WHERE ts > %s ORDER BY stream_key LIMIT %s", [after, MOST]
        )
        return list(map(SuspectStream._make, cursor.fetchall()))


def streams_with_early_readings(*, before: datetime) -> list[SuspectStream]:
    """Return streams whose first reading is earlier than `before`."""
    with reading_cursor() as cursor:
        cursor.execute(
            "SELECT stream_key, first_ts FROM latest WHERE first_ts < %s ORDER BY stream_key LIMIT %s",
            [before, MOST],
        )
        return list(map(SuspectStream._make, cursor.fetchall()))


def streamers_with_late_boots(*, tolerance_s: float) -> list[int]:
    """Return streamers whose newest boot is later than the report that brought it: a clock that
    jumps."""
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT streamer_key FROM streamer_progress
            WHERE last_reboot > last_received + make_interval(secs => %s)
            ORDER BY streamer_key LIMIT %s
            """,
            [tolerance_s, MOST],
        )
        return [key for (key,) in cursor.fetchall()]


def streams_with_wrong_counts(stream_keys: Sequence[int]) -> list[int]:
    """Return those of the streams whose hours count more values than they have readings, or whose
    count is not positive."""
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT stream_key
            FROM latest CROSS JOIN LATERAL (
                SELECT coalesce(sum(rollup_hour.count), 0) AS count FROM rollup_hour
                WHERE rollup_hour.stream_key = latest.stream_key
            ) AS hours
            WHERE stream_key = ANY(%s) AND (latest.count <= 0 OR hours.count > latest.count)
            ORDER BY stream_key
            """,
            [list(stream_keys)],
        )
        return [key for (key,) in cursor.fetchall()]


def next_streams(*, after: int, most: int) -> list[int]:
    """Return the next keys of streams with readings, ascending."""
    with reading_cursor() as cursor:
        cursor.execute(
            "SELECT stream_key FROM latest WHERE stream_key > %s ORDER BY stream_key LIMIT %s", [after, most]
        )
        return [key for (key,) in cursor.fetchall()]
