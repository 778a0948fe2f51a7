"""Hourly sums of one report's readings, in a form that can be merged with stored ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.lib.timeseries.runs import runs
from server.lib.units import LARGEST

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class HourRollup:
    """One item per stream and hour of UTC that has values, sorted by both.

    First and last are by time, then by reading id; both are included, so that two rollups of the
    same hour can be merged.
    """

    stream_key: NDArray[np.int64]
    hour_us: NDArray[np.int64]
    """Where the hour begins, microseconds of UTC."""
    count: NDArray[np.int64]
    sum: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    first: NDArray[np.float64]
    first_us: NDArray[np.int64]
    first_id: NDArray[np.int64]
    last: NDArray[np.float64]
    last_us: NDArray[np.int64]
    last_id: NDArray[np.int64]


def hour_rollup(
    stream_key: NDArray[np.integer],
    ts_us: NDArray[np.int64],
    value: NDArray[np.float64],
    reading_id: NDArray[np.integer],
) -> HourRollup:
    """Sum up readings, given in any order, by stream and hour. Ignores values beyond LARGEST, and
    those that are not numbers."""
    counted = np.flatnonzero(np.abs(value) <= LARGEST)
    order = counted[np.lexsort((reading_id[counted], ts_us[counted], stream_key[counted]))]
    key, ts, val = stream_key[order].astype(np.int64), ts_us[order], value[order]
    number = reading_id[order].astype(np.int64)
    hour = ts // HOUR_US * HOUR_US
    first, last = runs(key, hour)

    return HourRollup(
        stream_key=key[first],
        hour_us=hour[first],
        count=last - first + 1,
        sum=np.add.reduceat(val, first),
        min=np.minimum.reduceat(val, first),
        max=np.maximum.reduceat(val, first),
        first=val[first],
        first_us=ts[first],
        first_id=number[first],
        last=val[last],
        last_us=ts[last],
        last_id=number[last],
    )
