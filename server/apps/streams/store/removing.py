"""Deletion in short transactions, so that a million rows neither block a writer nor start over when
a worker is killed.

Everything here may run again and continues where it stopped.
"""

import uuid
from collections.abc import Iterator, Sequence, Set
from datetime import datetime
from typing import Final, NamedTuple

from django.db.backends.utils import CursorWrapper

from server.apps.streams.store.batch import SUMMABLE
from server.apps.streams.store.connection import reading_cursor, writing_cursor

ROWS_PER_TRANSACTION: Final = 20_000
"""Measured with a million rows: larger transactions are hardly faster."""
_EVENTS_PER_TRANSACTION: Final = 1000


class ClosedTimeRange(NamedTuple):
    """From `start` to `end`, both inclusive; None: no bound. Without any bound it is the empty
    range."""

    start: datetime | None = None
    end: datetime | None = None

    def outside(self) -> list[tuple[str, list[datetime]]]:
        """Return conditions on `ts` for rows outside of the range, with their parameters."""
        if self.start is None and self.end is None:
            return [("", [])]
        before = [(" AND ts < %s", [self.start])] if self.start is not None else []
        after = [(" AND ts > %s", [self.end])] if self.end is not None else []
        return [*before, *after]


NOTHING: Final = ClosedTimeRange()


def count_readings_outside(stream_keys: Sequence[int], kept: ClosedTimeRange) -> int:
    """Count the readings that `remove_readings` would delete."""
    with reading_cursor() as cursor:
        return sum(_count(cursor, "reading", stream_keys, where, bounds) for where, bounds in kept.outside())


def count_events(stream_keys: Sequence[int], *, start: datetime | None, end: datetime | None) -> int:
    """Count events from `start` (inclusive) to `end` (exclusive)."""
    where, bounds = "", []
    if start is not None:
        where, bounds = " AND ts >= %s", [start]
    if end is not None:
        where, bounds = f"{where} AND ts < %s", [*bounds, end]
    with reading_cursor() as cursor:
        return _count(cursor, "event", stream_keys, where, bounds)


def count_events_by_stream(stream_keys: Sequence[int]) -> dict[int, int]:
    with reading_cursor() as cursor:
        cursor.execute(
            "SELECT stream_key, count(*) FROM event WHERE stream_key = ANY(%s) GROUP BY stream_key",
            [list(stream_keys)],
        )
        return dict(cursor.fetchall())


def holds_data(stream_keys: Sequence[int]) -> set[int]:
    """Return those of the streams with a reading or an event."""
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT key FROM unnest(%s::int[]) AS wanted (key)
            WHERE EXISTS (SELECT FROM reading WHERE stream_key = key)
                OR EXISTS (SELECT FROM event WHERE stream_key = key)
            """,
            [list(stream_keys)],
        )
        return {key for (key,) in cursor.fetchall()}


def _count(
    cursor: CursorWrapper, table: str, stream_keys: Sequence[int], where: str, bounds: Sequence[datetime]
) -> int:
    cursor.execute(
        f"SELECT count(*) FROM {table} WHERE stream_key = ANY(%s){where}", [list(stream_keys), *bounds]
    )
    return int(cursor.fetchone()[0])


def remove_readings(stream_keys: Sequence[int], kept: ClosedTimeRange = NOTHING) -> Iterator[int]:
    """Delete a portion per step and yield its size. After the last step hours and latest values
    match the remaining readings."""
    for key in stream_keys:
        for where, bounds in kept.outside():
            while removed := _remove_portion(key, where, bounds):
                yield removed
        _recompute_rollups(key, kept)


def _remove_portion(key: int, where: str, bounds: Sequence[datetime]) -> int:
    """Delete a portion, given by its first and last time: rows have no key of their own, and the
    index finds the times."""
    with writing_cursor() as cursor:
        cursor.execute("LOCK TABLE reading IN ROW EXCLUSIVE MODE")  # before the first read: see `lock_device`
        cursor.execute(
            f"""
            SELECT min(ts), max(ts) FROM (
                SELECT ts FROM reading WHERE stream_key = %s{where} ORDER BY ts LIMIT %s
            ) AS portion
            """,
            [key, *bounds, ROWS_PER_TRANSACTION],
        )
        first, last = cursor.fetchone()
        if first is None:
            return 0
        cursor.execute(
            "DELETE FROM reading WHERE stream_key = %s AND ts >= %s AND ts <= %s", [key, first, last]
        )
        return int(cursor.rowcount)


def _recompute_rollups(key: int, kept: ClosedTimeRange) -> None:
    """Recompute the hours that contain a bound, delete those outside, and recompute the latest
    values."""
    with writing_cursor() as cursor:
        cursor.execute("LOCK TABLE reading IN ROW EXCLUSIVE MODE")
        if kept == NOTHING:
            cursor.execute(
                "DELETE FROM rollup_hour WHERE stream_key = %s; DELETE FROM latest WHERE stream_key = %s",
                [key, key],
            )
            return
        cursor.execute(
            """
            DELETE FROM rollup_hour WHERE stream_key = %(key)s
                AND (first_ts < %(start)s::timestamptz OR last_ts > %(end)s::timestamptz)
            """,
            {"key": key, **kept._asdict()},
        )
        for bound in (kept.start, kept.end):
            if bound is not None:
                cursor.execute(_RECOMPUTE_HOUR, {"key": key, "bound": bound})
        cursor.execute(_RECOMPUTE_LATEST, {"key": key})


_RECOMPUTE_HOUR: Final = f"""
    INSERT INTO rollup_hour (stream_key, hour, count, sum, min, max, first, last, first_ts, last_ts, first_seq, last_seq)
    SELECT stream_key, date_trunc('hour', %(bound)s::timestamptz, 'UTC'), count(*), sum(value), min(value), max(value),
        (array_agg(value ORDER BY ts, seq))[1], (array_agg(value ORDER BY ts DESC, seq DESC))[1],
        (array_agg(ts ORDER BY ts, seq))[1], (array_agg(ts ORDER BY ts DESC, seq DESC))[1],
        (array_agg(seq ORDER BY ts, seq))[1], (array_agg(seq ORDER BY ts DESC, seq DESC))[1]
    FROM reading
    WHERE stream_key = %(key)s AND {SUMMABLE}
        AND ts >= date_trunc('hour', %(bound)s::timestamptz, 'UTC')
        AND ts < date_trunc('hour', %(bound)s::timestamptz, 'UTC') + interval '1 hour'
    GROUP BY stream_key
    ON CONFLICT (stream_key, hour) DO UPDATE SET
        (count, sum, min, max, first, last, first_ts, last_ts, first_seq, last_seq) = (
            excluded.count, excluded.sum, excluded.min, excluded.max, excluded.first, excluded.last,
            excluded.first_ts, excluded.last_ts, excluded.first_seq, excluded.last_seq)
"""

_RECOMPUTE_LATEST: Final = """
    DELETE FROM latest WHERE stream_key = %(key)s;
    INSERT INTO latest (stream_key, ts, seq, value, int_value, status, kind, first_ts, count)
    SELECT stream_key, ts, seq, value, int_value, status, kind, first_ts, count
    FROM (SELECT * FROM reading WHERE stream_key = %(key)s ORDER BY ts DESC, seq DESC LIMIT 1) AS newest,
        (SELECT min(ts) AS first_ts, count(*) AS count FROM reading WHERE stream_key = %(key)s) AS all_of_them
"""


class StoredEvent(NamedTuple):
    uuid: uuid.UUID
    object_key: str | None


def events_outside(stream_keys: Sequence[int], kept: ClosedTimeRange = NOTHING) -> list[StoredEvent]:
    """Return the next portion of events to remove; empty when there are no more."""
    conditions = kept.outside()
    where = " OR ".join(f"(true{condition})" for condition, _ in conditions)
    bounds = [bound for _, bounds in conditions for bound in bounds]
    with reading_cursor() as cursor:
        cursor.execute(
            f"SELECT uuid, object_key FROM event WHERE stream_key = ANY(%s) AND ({where}) LIMIT %s",
            [list(stream_keys), *bounds, _EVENTS_PER_TRANSACTION],
        )
        return list(map(StoredEvent._make, cursor.fetchall()))


def referenced_objects(keys: Set[str], *, other_than: Sequence[uuid.UUID] = ()) -> set[str]:
    """Return which of these objects hold data of an event that is not one of the given ones."""
    with reading_cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT object_key FROM event WHERE object_key = ANY(%s) AND uuid <> ALL(%s::uuid[])",
            [list(keys), [str(event_id) for event_id in other_than]],
        )
        return {key for (key,) in cursor.fetchall()}


def remove_events(stream_keys: Sequence[int], events: Sequence[StoredEvent]) -> None:
    with writing_cursor() as cursor:
        cursor.execute(
            "DELETE FROM event WHERE stream_key = ANY(%s) AND uuid = ANY(%s::uuid[])",
            [list(stream_keys), [str(event.uuid) for event in events]],
        )


def delete_ledger_rows(reports: Sequence[uuid.UUID]) -> None:
    with writing_cursor() as cursor:
        cursor.execute(
            "DELETE FROM report_ledger WHERE report = ANY(%s::uuid[])", [[str(report) for report in reports]]
        )


def release_ids(streamer_keys: Sequence[int]) -> None:
    """Let streamers begin again: what they upload next is new, until `withhold_released_ids`."""
    with writing_cursor() as cursor:
        cursor.execute(
            """
            UPDATE streamer_progress SET released = released + covered, covered = '{}', last_id = 0, last_received = NULL,
                last_sent_s = NULL, last_reboot = NULL, last_report = NULL, updated_on = now()
            WHERE streamer_key = ANY(%s)
            """,
            [list(streamer_keys)],
        )
    delete_open_reports(streamer_keys)


def withhold_released_ids(streamer_keys: Sequence[int]) -> list[int]:
    """Cover again what was released. Returns the streamers that had something released."""
    with writing_cursor() as cursor:
        cursor.execute(
            """
            UPDATE streamer_progress SET covered = covered + released, released = '{}', updated_on = now(),
                last_id = greatest(last_id, upper(released) - 1)
            WHERE streamer_key = ANY(%s) AND NOT isempty(released) RETURNING streamer_key
            """,
            [list(streamer_keys)],
        )
        return [key for (key,) in cursor.fetchall()]


def delete_open_reports(streamer_keys: Sequence[int]) -> None:
    with writing_cursor() as cursor:
        cursor.execute("DELETE FROM open_report WHERE streamer_key = ANY(%s)", [list(streamer_keys)])
