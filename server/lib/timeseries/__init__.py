"""Readings along time: clock repair, what is new, thinning for charts, hourly sums."""

from __future__ import annotations

from server.lib.timeseries.clock import (
    EARLIEST_US,
    LATEST_US,
    NO_TIME,
    NOT_GIVEN,
    REBOOT_STREAM,
    PlacedTimes,
    place_event_time,
    place_times,
)
from server.lib.timeseries.coverage import LAST_ID, MAX_GAPS, MAX_JUMP, MAX_RANGES, Coverage, CoverageError
from server.lib.timeseries.rollup import HOUR_US, HourRollup, hour_rollup
from server.lib.timeseries.status import TimeStatus
from server.lib.timeseries.thinning import Band, min_max_band

__all__ = [
    "EARLIEST_US",
    "HOUR_US",
    "LAST_ID",
    "LATEST_US",
    "MAX_GAPS",
    "MAX_JUMP",
    "MAX_RANGES",
    "NOT_GIVEN",
    "NO_TIME",
    "REBOOT_STREAM",
    "Band",
    "Coverage",
    "CoverageError",
    "HourRollup",
    "PlacedTimes",
    "TimeStatus",
    "hour_rollup",
    "min_max_band",
    "place_event_time",
    "place_times",
]
