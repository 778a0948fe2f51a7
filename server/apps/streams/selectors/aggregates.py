"""Aggregates of a stream's readings by calendar buckets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from server.apps.streams.selectors.readings import DataStream
from server.apps.streams.selectors.selections import Bounds, Selection, selection_of, up_to_newest
from server.apps.streams.store.aggregates import BucketSums, newest_sums, stretches_with_values, sums_of
from server.apps.streams.store.reads import latest_of
from server.apps.streams.store.row_queries import StreamTimeRange
from server.core.errors import Invalid
from server.lib.timeseries.buckets import Bucket, TooManyBuckets
from server.lib.units import Mdo

MOST_BUCKETS: Final = 20_000
FUNCTIONS: Final = ("avg", "min", "max", "sum", "count", "first", "last")
_JUST_AFTER: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AggregateQuery:
    """From `start` to before `end`; None: from the first reading, or to the newest one."""

    bucket: Bucket
    zone: ZoneInfo
    functions: Sequence[str]
    start: datetime | None
    end: datetime | None
    in_output_unit: bool = True


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Buckets that have readings, as columns. Each lasts from the edge at its place to the next
    edge; `values` by function."""

    edges: list[datetime]
    places: list[int]
    values: dict[str, list[float] | list[int]]


def aggregate_of(stream: DataStream, query: AggregateQuery) -> Aggregate:
    """Return the buckets by time, without empty ones. The outer ones end where the requested range
    or the stream's mask does.

    Raises Invalid for too many buckets.
    """
    start, end = _bounds_of(stream, query)
    edges = _edges_of(stream, query, start, end)
    if not edges:
        return Aggregate([], [], {name: [] for name in query.functions})
    edges[0], edges[-1] = max(edges[0], start), min(edges[-1], end)
    sums = sums_of(stream.key, edges, with_ends=bool({"first", "last"} & set(query.functions)))
    output = stream.output if query.in_output_unit else None
    return Aggregate(
        edges,
        sums.bucket.tolist(),
        {name: _column(name, sums, output or Mdo()) for name in query.functions},
    )


def _edges_of(stream: DataStream, query: AggregateQuery, start: datetime, end: datetime) -> list[datetime]:
    """Return the edges of the buckets. When there are too many, only stretches of time in which the
    stream has values count: one reading of 1970 does not make it millions."""
    try:
        return query.bucket.edges(start, end, query.zone, most=MOST_BUCKETS)
    except TooManyBuckets:
        stretches = stretches_with_values(stream.key, start=start, end=end, apart=query.bucket.longest)
    try:
        return query.bucket.edges_of(stretches, query.zone, most=MOST_BUCKETS)
    except TooManyBuckets as error:
        raise Invalid(f"{error} Give start and end, or a longer bucket.", field="bucket") from error


def _column(name: str, sums: BucketSums, unit: Mdo) -> list[float] | list[int]:
    """Return a column in the output unit. A sum has the offset once per value; a negative factor
    swaps minimum and maximum."""
    if name == "count":
        counts: list[int] = sums.n.tolist()
        return counts
    if name == "avg":
        return _floats(unit.forward(sums.sum / sums.n))
    if name == "sum":
        return _floats(unit.forward(sums.sum) + unit.offset * (sums.n - 1.0))
    if unit.multiply * unit.divide < 0:
        name = {"min": "max", "max": "min"}.get(name, name)
    return _floats(unit.forward(getattr(sums, name)))


def _floats(values: NDArray[np.float64]) -> list[float]:
    listed: list[float] = values.tolist()
    return listed


def _bounds_of(stream: DataStream, query: AggregateQuery) -> tuple[datetime, datetime]:
    """Return the time range to aggregate; an empty one when the stream is empty."""
    time_range = _only_range(selection_of([stream], Bounds(query.start, query.end, masked=True)))
    nothing = datetime.fromtimestamp(0, UTC)
    if time_range is None:
        return nothing, nothing
    if time_range.start is not None and time_range.end is not None:
        return time_range.start, time_range.end
    latest = latest_of([stream.key], now=timezone.now()).get(stream.key)
    if latest is None:
        return nothing, nothing
    return time_range.start or latest.first_ts, time_range.end or latest.ts + _JUST_AFTER


def _only_range(selection: Selection) -> StreamTimeRange | None:
    return selection.ranges[0] if selection.ranges else None


@dataclass(frozen=True, slots=True)
class Stats:
    """In the output unit. `interval_days`: from the first to the last reading that counts."""

    count: int
    min: float | None
    max: float | None
    sum: float | None
    avg: float | None
    interval_days: float


def stats_of(stream: DataStream, *, start: datetime | None, end: datetime | None, lastn: int | None) -> Stats:
    selection = selection_of([stream], Bounds(start, end, masked=True))
    time_range = _only_range(selection if lastn is None else up_to_newest(selection, "reading"))
    if time_range is None:
        return Stats(0, None, None, None, None, 0.0)
    newest = newest_sums(stream.key, start=time_range.start, end=time_range.end, limit=lastn)
    if newest.sum is None or newest.min is None or newest.max is None:
        return Stats(0, None, None, None, None, 0.0)
    unit = stream.output or Mdo()
    least, most = sorted((unit.forward(newest.min), unit.forward(newest.max)))
    total = unit.forward(newest.sum) + unit.offset * (newest.count - 1)
    days = 0.0
    if newest.first_ts is not None and newest.last_ts is not None:
        days = (newest.last_ts - newest.first_ts) / timedelta(days=1)
    return Stats(newest.count, least, most, total, unit.forward(newest.sum / newest.count), days)
