"""Readings over time: clock repair, coverage, thinning for charts, hourly sums."""

from __future__ import annotations

from server.lib.instants import EARLIEST_US, LATEST_US
from server.lib.timeseries.clock import (
    MOST_AHEAD,
    NO_TIME,
    NOT_GIVEN,
    REBOOT_STREAM,
    EndedBoot,
    PlacedTimes,
    place_event_time,
    place_times,
)
from server.lib.timeseries.coverage import LAST_ID, MAX_GAPS, MAX_JUMP, MAX_RANGES, Coverage, CoverageError
from server.lib.timeseries.fixed_points import (
    LONGEST_TRANSFER_US,
    TOLERANCE_US,
    FixedPoints,
    LineTimes,
    ReportPoint,
    StoredTimes,
    fixed_points,
    is_same_boot,
    line_of_boot,
    place_boots,
    place_on_line,
    points_of_reports,
    transfer_us,
)
from server.lib.timeseries.policy import (
    COMPLETE_REPORT,
    CUT_REPORT,
    NEWEST_POLICY,
    REPORT_MARKS,
    Policy,
    has_reboots_apart,
    is_cut,
    policy_of,
)
from server.lib.timeseries.rebasing import (
    PlacedRows,
    RawReadings,
    ReportBase,
    ended_boot,
    place_with_reboots,
    reboots_at,
)
from server.lib.timeseries.rollup import HOUR_US, HourRollup, hour_rollup
from server.lib.timeseries.status import TimeStatus
from server.lib.timeseries.thinning import Band, min_max_band
from server.lib.timeseries.trips import TRIP_STREAMS, with_trip_times

__all__ = [
    "COMPLETE_REPORT",
    "CUT_REPORT",
    "EARLIEST_US",
    "HOUR_US",
    "LAST_ID",
    "LATEST_US",
    "LONGEST_TRANSFER_US",
    "MAX_GAPS",
    "MAX_JUMP",
    "MAX_RANGES",
    "MOST_AHEAD",
    "NEWEST_POLICY",
    "NOT_GIVEN",
    "NO_TIME",
    "REBOOT_STREAM",
    "REPORT_MARKS",
    "TOLERANCE_US",
    "TRIP_STREAMS",
    "Band",
    "Coverage",
    "CoverageError",
    "EndedBoot",
    "FixedPoints",
    "HourRollup",
    "LineTimes",
    "PlacedRows",
    "PlacedTimes",
    "Policy",
    "RawReadings",
    "ReportBase",
    "ReportPoint",
    "StoredTimes",
    "TimeStatus",
    "ended_boot",
    "fixed_points",
    "has_reboots_apart",
    "hour_rollup",
    "is_cut",
    "is_same_boot",
    "line_of_boot",
    "min_max_band",
    "place_boots",
    "place_event_time",
    "place_on_line",
    "place_times",
    "place_with_reboots",
    "points_of_reports",
    "policy_of",
    "reboots_at",
    "transfer_us",
    "with_trip_times",
]
