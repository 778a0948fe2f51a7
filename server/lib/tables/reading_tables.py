"""Tables of readings. Names and order of columns are those of the original cloud's `/df/`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias

import numpy as np

from server.lib.tables.table import Table, in_output_units
from server.lib.units import Mdo

_TIME: Final = "row"
_NUMBERS: Final = ("count", "sum", "mean", "std", "min", "median", "max")


class Stream(Protocol):
    @property
    def key(self) -> int: ...

    @property
    def slug(self) -> str: ...

    @property
    def output(self) -> Mdo | None: ...


class Reading(Protocol):
    @property
    def stream_key(self) -> int: ...

    @property
    def ts(self) -> datetime: ...

    @property
    def reading_id(self) -> int: ...

    @property
    def raw_time(self) -> int | None: ...

    @property
    def int_value(self) -> int | None: ...

    @property
    def value(self) -> float | None: ...


class Summary(Protocol):
    """Summary statistics of a stream's readings."""

    @property
    def stream_key(self) -> int: ...

    @property
    def count(self) -> int: ...

    @property
    def sum(self) -> float: ...

    @property
    def mean(self) -> float: ...

    @property
    def std(self) -> float | None: ...

    @property
    def min(self) -> float: ...

    @property
    def median(self) -> float: ...

    @property
    def max(self) -> float: ...


Chunks: TypeAlias = Iterable[Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class TableOptions:
    extended: bool
    in_output_unit: bool
    raw: bool = False
    """With the raw words in a column of their name, in place of the values."""


def long_table(streams: Sequence[Stream], chunks: Chunks, options: TableOptions) -> Table:
    """Return a table with a row per reading."""
    names = [_TIME, "int_value" if options.raw else "value", "stream_slug"]
    if options.extended:
        names += ["device_timestamp", "streamer_local_id"]
    known = {stream.key: stream for stream in streams}
    return Table(names, (_columns(known, readings, options) for readings in chunks))


def _columns(
    streams: Mapping[int, Stream], readings: Sequence[Reading], options: TableOptions
) -> list[list[Any]]:
    values: list[Any] = [reading.int_value if options.raw else reading.value for reading in readings]
    columns: list[list[Any]] = [
        [reading.ts for reading in readings],
        _values(streams, readings) if options.in_output_unit and not options.raw else values,
        [streams[reading.stream_key].slug for reading in readings],
    ]
    if options.extended:
        columns += [[reading.raw_time for reading in readings], [reading.reading_id for reading in readings]]
    return columns


def _values(streams: Mapping[int, Stream], readings: Sequence[Reading]) -> list[float | None]:
    """Return the values in the output units."""
    values: list[float | None] = [reading.value for reading in readings]
    keys = np.array([reading.stream_key for reading in readings])
    for key in np.unique(keys).tolist():
        chosen = np.flatnonzero(keys == key).tolist()
        shown = in_output_units(streams[key].output, [values[row] for row in chosen])
        for row, value in zip(chosen, shown, strict=True):
            values[row] = value
    return values


def pivot_table(streams: Sequence[Stream], chunks: Chunks, options: TableOptions) -> Table:
    """Return a table with a row per time and a column per stream. Further readings of a stream at
    the same time get rows of their own."""
    known = {stream.key: stream for stream in streams}
    order = {stream.key: place for place, stream in enumerate(streams)}
    names = [_TIME, *(stream.slug for stream in streams)]
    return Table(names, _pivot_chunks(known, order, chunks, options))


def _pivot_chunks(
    streams: Mapping[int, Stream], order: Mapping[int, int], chunks: Chunks, options: TableOptions
) -> Iterator[list[list[Any]]]:
    now: datetime | None = None
    open_rows: list[dict[int, float | None]] = []
    for readings in chunks:
        done: list[tuple[datetime, dict[int, float | None]]] = []
        values = _values(streams, readings) if options.in_output_unit else [r.value for r in readings]
        for reading, value in zip(readings, values, strict=True):
            if reading.ts != now:
                done += [(now, row) for row in open_rows if now is not None]
                now, open_rows = reading.ts, []
            place = order[reading.stream_key]
            free = next((row for row in open_rows if place not in row), None)
            if free is None:
                free = {}
                open_rows.append(free)
            free[place] = value
        yield _pivot_columns(done, len(order))
    yield _pivot_columns([(now, row) for row in open_rows if now is not None], len(order))


def _pivot_columns(rows: list[tuple[datetime, dict[int, float | None]]], width: int) -> list[list[Any]]:
    return [[ts for ts, _ in rows], *([row.get(place) for _, row in rows] for place in range(width))]


def summary_rows(
    streams: Sequence[Stream], summaries: Sequence[Summary], options: TableOptions
) -> list[dict[str, Any]]:
    """Return a row for each statistic, with a column per stream."""
    known = {stream.key: stream for stream in streams}
    columns = {}
    for summary in summaries:
        stream = known[summary.stream_key]
        output = stream.output if options.in_output_unit else None
        columns[stream.slug] = _in_unit(summary, output or Mdo())
    return [
        {_TIME: name, **{slug: column[name] for slug, column in sorted(columns.items())}} for name in _NUMBERS
    ]


def _in_unit(summary: Summary, unit: Mdo) -> dict[str, float | None]:
    least, most = sorted((unit.forward(summary.min), unit.forward(summary.max)))
    return {
        "count": summary.count,
        "sum": unit.forward(summary.sum) + unit.offset * (summary.count - 1),
        "mean": unit.forward(summary.mean),
        "std": None if summary.std is None else summary.std * abs(unit.multiply / unit.divide),
        "min": least,
        "median": unit.forward(summary.median),
        "max": most,
    }
