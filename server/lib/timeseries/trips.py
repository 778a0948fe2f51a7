"""Trip marks have their own time: the word of a trip's start and end is the time in seconds of UTC
since 1970."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.lib.timeseries.clock import PlacedTimes
from server.lib.timeseries.status import TimeStatus

TRIP_STREAMS: Final = (0x0E00, 0x0E01)
"""Start and end. The word of a pause (0e02) is no time."""

_SECOND_US = 1_000_000
_EARLIEST_S = 946_684_800  # 2000: no such device is older
_AFTER_RECEIVED_US = 86_400 * _SECOND_US  # a carrier's clock may be off by a time zone


def with_trip_times(
    placed: PlacedTimes,
    *,
    lid: NDArray[np.uint16],
    value: NDArray[np.uint32],
    received_us: int,
    given: NDArray[np.bool_] | None = None,
) -> PlacedTimes:
    """Return the times, with trip marks at the time of their word if that is before `received_us`:
    status `utc`.

    A word that is no such time (0, a clock that was never set) leaves the mark where it was, and so
    does an explicit time.
    """
    marks = (lid == TRIP_STREAMS[0]) | (lid == TRIP_STREAMS[1])
    if given is not None:
        marks &= ~given
    if not marks.any():
        return placed
    moment_us = value.astype(np.int64) * _SECOND_US
    marks &= (value >= _EARLIEST_S) & (moment_us <= received_us + _AFTER_RECEIVED_US)
    ts_us, status = placed.ts_us.copy(), placed.status.copy()
    ts_us[marks] = moment_us[marks]
    status[marks] = TimeStatus.UTC
    return PlacedTimes(ts_us, status, placed.boot_us, placed.reboots)
