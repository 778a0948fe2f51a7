"""Thinning for charts: as many points as a chart can show, without losing a peak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.lib.timeseries.runs import runs


@dataclass(frozen=True, slots=True)
class Band:
    """One item per bucket that has values, in order of time."""

    bucket_us: NDArray[np.int64]
    """Where the bucket begins, microseconds of UTC."""
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    mean: NDArray[np.float64]
    last: NDArray[np.float64]
    count: NDArray[np.int64]


def min_max_band(
    ts_us: NDArray[np.int64], value: NDArray[np.float64], *, start_us: int, end_us: int, buckets: int
) -> Band:
    """Sum up the values from `start_us` to before `end_us` in at most `buckets` buckets of equal
    length.

    Buckets are whole microseconds, so the last one may reach past the end. Values may be in any
    order, except that of several at the same time the one further right counts as the last. Leaves
    out values that are not finite, and empty buckets. Raises ValueError for less than one bucket.
    """
    if buckets < 1:
        raise ValueError(f"A band needs at least one bucket, not {buckets}.")
    width_us = max(-((start_us - end_us) // buckets), 1)
    inside = np.isfinite(value) & (ts_us >= start_us) & (ts_us < end_us)
    ts_us, value = _by_time(ts_us[inside], value[inside])
    bucket = (ts_us - start_us) // width_us
    first, last = runs(bucket)
    count = last - first + 1
    # Huge values may add up to infinity, which the mean then is.
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.add.reduceat(value, first) / count
    return Band(
        bucket_us=start_us + bucket[first] * width_us,
        min=np.minimum.reduceat(value, first),
        max=np.maximum.reduceat(value, first),
        mean=mean,
        last=value[last],
        count=count,
    )


def _by_time(
    ts_us: NDArray[np.int64], value: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if bool((ts_us[1:] >= ts_us[:-1]).all()):
        return ts_us, value
    order = np.argsort(ts_us, kind="stable")
    return ts_us[order], value[order]
