"""What all forms write: named columns, chunk by chunk, so that a table may have any size.

Columns are converted to text an array at a time, at a fraction of the cost of value by value.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from server.lib.units import Mdo


@dataclass(frozen=True, slots=True)
class Table:
    """The first column is the time; a missing value is None."""

    names: Sequence[str]
    chunks: Iterator[list[list[Any]]]


class HasTimestamp(Protocol):
    @property
    def ts(self) -> datetime: ...


def timestamps_of(readings: Sequence[HasTimestamp]) -> NDArray[np.float64]:
    """Return seconds since 1970; float64 is precise to the microsecond for present dates."""
    return np.array([reading.ts.timestamp() for reading in readings], dtype=np.float64)


def microseconds(moments: NDArray[np.float64]) -> list[int]:
    whole: list[int] = np.rint(moments * 1e6).astype(np.int64).tolist()
    return whole


def iso_seconds(moments: NDArray[np.float64]) -> list[str]:
    """Return `2021-03-01T11:23:15`; fractions are cut off. An array at a time, three times as fast
    as isoformat."""
    texts: list[str] = np.datetime_as_string(np.floor(moments).astype("datetime64[s]")).tolist()
    return texts


def in_output_units(output: Mdo | None, values: list[float | None]) -> list[float | None]:
    """Return the values in the output unit."""
    if output is None or not values:
        return values
    shown = output.forward(np.array(values, dtype=np.float64)).tolist()  # None becomes NaN
    return [None if value is None else number for value, number in zip(values, shown, strict=True)]


def json_numbers(values: list[float | None]) -> list[str]:
    """Return numbers as JSON text: null for NaN and infinity. All at once, nine times as fast as
    one by one."""
    return orjson.dumps(values)[1:-1].decode().split(",") if values else []


def iso_milliseconds(times: list[datetime]) -> list[str]:
    """Return times in UTC as `2021-03-01T11:23:15.000Z`."""
    return [f"{ts.isoformat(timespec='milliseconds')[:-6]}Z" for ts in times]
