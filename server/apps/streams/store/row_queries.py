"""Rows of several time ranges: for masks, aliases, filters by id, and pages that start at a row
instead of a number.

The index on (stream_key, ts) serves every query, one time range at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from server.apps.streams.store.connection import reading_cursor
from server.apps.streams.store.reads import EVENT_COLUMNS, READING_COLUMNS, EventRecord, Reading

_CHUNK: Final = 10_000


class StreamTimeRange(NamedTuple):
    """A stream, from `start` (inclusive) to `end` (exclusive); None: no bound."""

    stream_key: int
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Bounds on reading id and raw device time, inclusive."""

    reading_id_from: int | None = None
    reading_id_to: int | None = None
    raw_time_from: int | None = None
    raw_time_to: int | None = None

    def __bool__(self) -> bool:
        return self != NO_FILTER


NO_FILTER: Final = RowFilter()


class Position(NamedTuple):
    """Where to continue: at this time, id and stream, of which `skip` rows have been read. They are
    not unique."""

    ts: datetime
    reading_id: int
    stream_key: int
    skip: int


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Rows by time, id and stream, ascending; `newest`: the last `limit` ones."""

    ranges: Sequence[StreamTimeRange]
    row_filter: RowFilter = NO_FILTER
    after: Position | None = None
    limit: int = _CHUNK
    offset: int = 0
    newest: bool = False


Row = TypeVar("Row", Reading, EventRecord)


def readings_of(query: RowQuery) -> list[Reading]:
    return list(map(Reading._make, _rows("reading", READING_COLUMNS, query)))


def events_of(query: RowQuery) -> list[EventRecord]:
    return [EventRecord(*row) for row in _rows("event", EVENT_COLUMNS, query)]


def position_after(rows: Sequence[Row], before: Position | None) -> Position:
    """Return the position after the last of these rows, which were read from `before` on. There
    must be at least one."""
    last = _sort_key_of(rows[-1])
    alike = 0
    for row in reversed(rows):
        if _sort_key_of(row) != last:
            break
        alike += 1
    seen_before = before.skip if before is not None and alike == len(rows) and before[:3] == last else 0
    return Position(*last, skip=alike + seen_before)


def _sort_key_of(row: Reading | EventRecord) -> tuple[datetime, int, int]:
    return row.ts, row.reading_id, row.stream_key


def all_readings_of(query: RowQuery, *, chunk: int = _CHUNK) -> Iterator[list[Reading]]:
    """Yield all readings in chunks, each with a query of its own."""
    # A database cursor would keep a transaction open for as long as a slow client reads, and new
    # partitions wait for it.
    query = replace(query, limit=chunk, offset=0)
    while True:
        rows = readings_of(query)
        if rows:
            yield rows
        if len(rows) < chunk:
            return
        query = replace(query, after=position_after(rows, query.after))


def count_of(table: str, ranges: Sequence[StreamTimeRange], row_filter: RowFilter) -> int:
    where, parameters = _conditions(row_filter, None)
    with reading_cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce(sum(n), 0) FROM {_WANTED} CROSS JOIN LATERAL (
                SELECT count(*) AS n FROM {table} WHERE stream_key = key AND ts >= since AND ts < until{where}
            ) AS r
            """,
            [*_range_columns(ranges), *parameters],
        )
        return int(cursor.fetchone()[0])


_WANTED: Final = """(
    SELECT key, coalesce(since, '-infinity') AS since, coalesce(until, 'infinity') AS until
    FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) AS u (key, since, until)
) AS wanted"""


def _range_columns(ranges: Sequence[StreamTimeRange]) -> list[list[Any]]:
    return [
        [time_range.stream_key for time_range in ranges],
        [time_range.start for time_range in ranges],
        [time_range.end for time_range in ranges],
    ]


def _rows(table: str, columns: str, query: RowQuery) -> list[tuple[Any, ...]]:
    if not query.ranges:
        return []
    statement, parameters = statement_of(table, columns, query)
    with reading_cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    if query.newest:
        rows.reverse()
    return rows


def statement_of(table: str, columns: str, query: RowQuery) -> tuple[str, list[Any]]:
    """Return SQL and parameters for at least one time range; descending with `newest`."""
    skip = query.offset + (query.after.skip if query.after is not None else 0)
    build = _one_range_sql if len(query.ranges) == 1 else _many_ranges_sql
    return build(table, columns, query, skip)


def _one_range_sql(table: str, columns: str, query: RowQuery, skip: int) -> tuple[str, list[Any]]:
    """Put the bounds into the query itself, so that it is planned for the requested months only."""
    [time_range] = query.ranges
    where, parameters = _conditions(query.row_filter, query.after)
    for bound, moment in (("ts >= %s", time_range.start), ("ts < %s", time_range.end)):
        if moment is not None:
            where, parameters = f"{where} AND {bound}", [*parameters, moment]
    return (
        f"SELECT {columns} FROM {table} WHERE stream_key = %s{where} ORDER BY {_order(query, _TIE[table])} LIMIT %s OFFSET %s",
        [time_range.stream_key, *parameters, query.limit, skip],
    )


def _many_ranges_sql(table: str, columns: str, query: RowQuery, skip: int) -> tuple[str, list[Any]]:
    where, parameters = _conditions(query.row_filter, query.after)
    return (
        f"""
        SELECT {columns} FROM {_WANTED} CROSS JOIN LATERAL (
            SELECT *, {_TIE[table]} AS tie FROM {table} WHERE stream_key = key AND ts >= since AND ts < until{where}
            ORDER BY {_order(query, _TIE[table])} LIMIT %s
        ) AS r ORDER BY {_order(query, "tie")} LIMIT %s OFFSET %s
        """,
        [*_range_columns(query.ranges), *parameters, skip + query.limit, query.limit, skip],
    )


_TIE: Final = {"reading": "ctid", "event": "uuid"}
"""Tells apart rows with equal time, id and stream: those of one time are in one partition, and
readings never change."""


def _order(query: RowQuery, tie: str) -> str:
    columns = ("ts", "seq", "stream_key", tie)
    return ", ".join(f"{column} DESC" for column in columns) if query.newest else ", ".join(columns)


_BOUNDS: Final = (
    ("reading_id_from", "seq >= %s"),
    ("reading_id_to", "seq <= %s"),
    ("raw_time_from", "device_ts::bigint & 4294967295 >= %s"),
    ("raw_time_to", "device_ts::bigint & 4294967295 <= %s"),
)


def _conditions(row_filter: RowFilter, after: Position | None) -> tuple[str, list[Any]]:
    where = ""
    parameters: list[Any] = []
    for name, bound in _BOUNDS:
        value = getattr(row_filter, name)
        if value is not None:
            where, parameters = f"{where} AND {bound}", [*parameters, value]
    if after is not None:  # the time again by itself, for the index
        where = f"{where} AND ts >= %s AND (ts, seq, stream_key) >= (%s, %s, %s)"
        parameters += [after.ts, after.ts, after.reading_id, after.stream_key]
    return where, parameters
