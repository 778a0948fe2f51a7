"""Tables of readings, written a chunk at a time so that their size does not matter: CSV, JSON, MessagePack.

Names of columns, forms of times and the order of both are those of the original cloud's `/df/`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import msgpack
import numpy as np
from numpy.typing import NDArray

from server.api.rows import numbers, outputs
from server.apps.streams.selectors import DataStream, Reading, Spread
from server.apps.streams.store import ReadingBatch
from server.lib.units import Mdo

Chunks: TypeAlias = Iterable[list[Reading]]
_TIME: Final = "row"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of texts as CSV has them, chunk by chunk; the first one is the time."""

    names: Sequence[str]
    chunks: Iterator[list[list[Any]]]


@dataclass(frozen=True, slots=True)
class Options:
    extended: bool
    in_output_unit: bool


def long_table(streams: Sequence[DataStream], chunks: Chunks, options: Options) -> Table:
    """A row a reading."""
    names = [_TIME, "value", "stream_slug"]
    if options.extended:
        names += ["device_timestamp", "streamer_local_id"]
    known = {stream.key: stream for stream in streams}
    return Table(names, (_columns(known, readings, options) for readings in chunks))


def _columns(
    streams: dict[int, DataStream], readings: Sequence[Reading], options: Options
) -> list[list[Any]]:
    columns: list[list[Any]] = [
        [reading.ts for reading in readings],
        _values(streams, readings) if options.in_output_unit else [reading.value for reading in readings],
        [streams[reading.stream_key].slug for reading in readings],
    ]
    if options.extended:
        columns += [[reading.device_ts for reading in readings], [reading.seq for reading in readings]]
    return columns


def _values(streams: dict[int, DataStream], readings: Sequence[Reading]) -> list[float | None]:
    """In the output units."""
    values: list[float | None] = [reading.value for reading in readings]
    keys = np.array([reading.stream_key for reading in readings])
    for key in np.unique(keys).tolist():
        chosen = np.flatnonzero(keys == key).tolist()
        shown = outputs(streams[key].output, [values[row] for row in chosen])
        for row, value in zip(chosen, shown, strict=True):
            values[row] = value
    return values


def pivot_table(streams: Sequence[DataStream], chunks: Chunks, options: Options) -> Table:
    """A row a time, a column a stream. Where a stream has several readings of one time, the second one gets a row of its own, and
    so on: none is lost."""
    known = {stream.key: stream for stream in streams}
    order = {stream.key: place for place, stream in enumerate(streams)}
    names = [_TIME, *(stream.slug for stream in streams)]
    return Table(names, _pivoted(known, order, chunks, options))


def _pivoted(
    streams: dict[int, DataStream], order: dict[int, int], chunks: Chunks, options: Options
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
        yield _wide(done, len(order))
    yield _wide([(now, row) for row in open_rows if now is not None], len(order))


def _wide(rows: list[tuple[datetime, dict[int, float | None]]], width: int) -> list[list[Any]]:
    return [[ts for ts, _ in rows], *([row.get(place) for _, row in rows] for place in range(width))]


def as_csv(table: Table) -> Iterator[bytes]:
    """Times as `2021-03-01 11:23:15+00:00`."""
    yield (",".join(table.names) + "\n").encode()
    for times, *columns in table.chunks:
        written = [[ts.isoformat(" ") for ts in times], *map(_csv_column, columns)]
        lines = "\n".join(map(",".join, zip(*written, strict=True)))
        if lines:
            yield (lines + "\n").encode()


def _csv_column(column: list[Any]) -> list[str]:
    """No value is no text."""
    texts = numbers(column) if _is_numeric(column) else ["" if v is None else str(v) for v in column]
    return ["" if text == "null" else text for text in texts]


def _is_numeric(column: list[Any]) -> bool:
    return isinstance(next((value for value in column if value is not None), None), float)


def as_json(table: Table) -> Iterator[bytes]:
    """A list of objects; times in milliseconds, as `2021-03-01T11:23:15.000Z`."""
    keys = [json.dumps(name) for name in table.names]
    before = "["
    for times, *columns in table.chunks:
        written = [[f'"{text}"' for text in _iso(times)], *map(_json_column, columns)]
        rows = (
            "{" + ",".join(map(":".join, zip(keys, row, strict=True))) + "}"
            for row in zip(*written, strict=True)
        )
        text = ",".join(rows)
        if text:
            yield f"{before}{text}".encode()
            before = ","
    yield b"[]" if before == "[" else b"]"


def _json_column(column: list[Any]) -> list[str]:
    return numbers(column) if _is_numeric(column) else [json.dumps(value) for value in column]


def as_msgpack(table: Table) -> Iterator[bytes]:
    """A map a row, one after the other, for a reader that takes them as they come; times as in JSON."""
    pack: Callable[[Any], bytes] = msgpack.Packer().pack
    for times, *columns in table.chunks:
        rows = zip(_iso(times), *columns, strict=True)
        yield b"".join(pack(dict(zip(table.names, row, strict=True))) for row in rows)


def _iso(times: list[datetime]) -> list[str]:
    return [f"{ts.isoformat(timespec='milliseconds')[:-6]}Z" for ts in times]


def stream_csv(stream: DataStream, chunks: Iterable[ReadingBatch], zone: ZoneInfo) -> Iterator[bytes]:
    """`Timestamp,Value`: local times as `2021/03/01 11:23:15`, values in the output unit."""
    yield b"Timestamp,Value\n"
    for chunk in chunks:
        values = chunk.value if stream.output is None else stream.output.forward(chunk.value)
        lines = map(",".join, zip(_local_times(chunk.ts_us, zone), _texts(values), strict=True))
        yield ("\n".join(lines) + "\n").encode()


def _texts(values: NDArray[np.float64]) -> list[str]:
    """No value, or none that is a number, is no text."""
    texts = list(map(repr, values.tolist()))
    for place in np.flatnonzero(~np.isfinite(values)).tolist():
        texts[place] = ""
    return texts


def _local_times(ts_us: NDArray[np.int64], zone: ZoneInfo) -> list[str]:
    local_s = ts_us // 1_000_000 + _offsets_s(ts_us, zone)
    texts = "\n".join(np.datetime_as_string(local_s.astype("datetime64[s]")).tolist())
    return texts.replace("-", "/").replace("T", " ").split("\n")


def _offsets_s(ts_us: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """Seconds of each reading's local time before UTC. Clocks change on a quarter of an hour, so one question for each is enough."""
    quarters, place = np.unique(ts_us // (900 * 1_000_000), return_inverse=True)
    known = [_offset_s(quarter * 900, zone) for quarter in quarters.tolist()]
    return np.array(known, dtype=np.int64)[place]


def _offset_s(moment: int, zone: ZoneInfo) -> int:
    try:
        offset = datetime.fromtimestamp(moment, zone).utcoffset()
    except (ValueError, OverflowError):  # the first and last days that there are
        return 0
    return round(offset.total_seconds()) if offset is not None else 0


_NUMBERS: Final = ("count", "sum", "mean", "std", "min", "median", "max")


def spread_rows(
    streams: Sequence[DataStream], spreads: Sequence[Spread], options: Options
) -> list[dict[str, Any]]:
    """A row for each number that describes a stream, a column a stream."""
    known = {stream.key: stream for stream in streams}
    columns = {}
    for spread in spreads:
        stream = known[spread.stream_key]
        output = stream.output if options.in_output_unit else None
        columns[stream.slug] = _in_unit(spread, output or Mdo())
    return [
        {_TIME: name, **{slug: column[name] for slug, column in sorted(columns.items())}} for name in _NUMBERS
    ]


def _in_unit(spread: Spread, unit: Mdo) -> dict[str, float | None]:
    least, most = sorted((unit.forward(spread.min), unit.forward(spread.max)))
    return {
        "count": spread.count,
        "sum": unit.forward(spread.sum) + unit.offset * (spread.count - 1),
        "mean": unit.forward(spread.mean),
        "std": None if spread.std is None else spread.std * abs(unit.multiply / unit.divide),
        "min": least,
        "median": unit.forward(spread.median),
        "max": most,
    }


def rows_as_csv(rows: Sequence[dict[str, Any]]) -> Iterator[bytes]:
    yield (",".join(rows[0]) + "\n").encode()
    for row in rows:
        yield (",".join("" if value is None else str(value) for value in row.values()) + "\n").encode()
