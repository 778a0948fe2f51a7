"""Tables as CSV. A missing value is an empty text."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from server.lib.tables.table import Table
from server.lib.units import Mdo


class Points(Protocol):
    """Readings of a stream, as arrays."""

    @property
    def ts_us(self) -> NDArray[np.int64]: ...

    @property
    def value(self) -> NDArray[np.float64]: ...


def write(table: Table) -> Iterator[bytes]:
    """Yield the table with times as `2021-03-01 11:23:15+00:00`."""
    yield (",".join(table.names) + "\n").encode()
    for times, *columns in table.chunks:
        written = [[ts.isoformat(" ") for ts in times], *map(_texts, columns)]
        lines = "\n".join(map(",".join, zip(*written, strict=True)))
        if lines:
            yield (lines + "\n").encode()


def _texts(column: list[Any]) -> list[str]:
    first = next((value for value in column if value is not None), None)
    if isinstance(first, float):
        return _finite(np.array(column, dtype=np.float64))  # None becomes NaN
    return ["" if value is None else str(value) for value in column]


def write_rows(rows: Sequence[dict[str, Any]]) -> Iterator[bytes]:
    """Yield the rows of `summary_rows`, which are no Table because their first column is a word."""
    yield (",".join(rows[0]) + "\n").encode()
    for row in rows:
        yield (",".join("" if value is None else str(value) for value in row.values()) + "\n").encode()


def write_points(chunks: Iterable[Points], output: Mdo | None, zone: ZoneInfo) -> Iterator[bytes]:
    """Yield columns `Timestamp,Value`: local times as `2021/03/01 11:23:15`, values in the output
    unit."""
    yield b"Timestamp,Value\n"
    for chunk in chunks:
        values = chunk.value if output is None else output.forward(chunk.value)
        lines = map(",".join, zip(_local_times(chunk.ts_us, zone), _finite(values), strict=True))
        yield ("\n".join(lines) + "\n").encode()


def _finite(values: NDArray[np.float64]) -> list[str]:
    """Return numbers as text; an empty one for NaN and infinity."""
    texts = list(map(repr, values.tolist()))
    for place in np.flatnonzero(~np.isfinite(values)).tolist():
        texts[place] = ""
    return texts


def _local_times(ts_us: NDArray[np.int64], zone: ZoneInfo) -> list[str]:
    local_s = ts_us // 1_000_000 + _offsets_s(ts_us, zone)
    texts = "\n".join(np.datetime_as_string(local_s.astype("datetime64[s]")).tolist())
    return texts.replace("-", "/").replace("T", " ").split("\n")


def _offsets_s(ts_us: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """Return the UTC offset of each reading in seconds. Clocks change on a quarter of an hour, so
    it is looked up once per quarter."""
    quarters, place = np.unique(ts_us // (900 * 1_000_000), return_inverse=True)
    known = [_offset_s(quarter * 900, zone) for quarter in quarters.tolist()]
    return np.array(known, dtype=np.int64)[place]


def _offset_s(moment: int, zone: ZoneInfo) -> int:
    try:
        offset = datetime.fromtimestamp(moment, zone).utcoffset()
    except (ValueError, OverflowError):  # the first and the last days of the calendar
        return 0
    return round(offset.total_seconds()) if offset is not None else 0
