"""What a device's streamers uploaded day by day, and which reading ids are missing."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from server.apps.streams.store import anomalies
from server.apps.streams.store.ledger import first_reports_beyond, ledger_by_day, reports_processed
from server.apps.streams.store.reports import Progress, progress_of
from server.lib.timeseries import LAST_ID
from server.lib.timeseries.missing import Gap, gaps_of

_STOPPED: Final = timedelta(days=7)
"""A streamer that last reported this long before another one of its device is considered
stopped."""


@dataclass(slots=True)
class Day:
    """Reports processed on this day. `missing`: ids that the device left out before what it sent on
    this day."""

    day: date
    reports: int = 0
    received: int = 0
    stored: int = 0
    duplicate: int = 0
    refused: int = 0
    missing: int = 0
    jumps: int = 0

    @property
    def is_whole(self) -> bool:
        return not (self.missing or self.refused or self.jumps)

    def add(self, other: "Day") -> None:
        for name in ("reports", "received", "stored", "duplicate", "refused", "missing", "jumps"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class DatedGap:
    """A gap, and the day on which the first report after it came."""

    day: date
    gap: Gap


@dataclass(frozen=True, slots=True)
class History:
    days: list[Day] = field(default_factory=list)
    """Days with reports or gaps, by time."""
    gaps: list[DatedGap] = field(default_factory=list)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def histories_of(
    streamer_keys: Sequence[int],
    *,
    first: date,
    last: date,
    zone: ZoneInfo,
    report_ids: Collection[int],
) -> dict[int, History]:
    """Return the histories of all streamers of one device by streamer key, from the first to the
    last day (inclusive) in a time zone.

    `report_ids`: ids that its reports took from the counter of its readings. Raises Unavailable.
    """
    start, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    rows = ledger_by_day(streamer_keys, start=start, end=end, zone=zone.key)
    progress = progress_of(streamer_keys)
    histories = {}
    for key in streamer_keys:
        days = {row.day: Day(*row[1:]) for row in rows if row.streamer_key == key}
        others = [progress[other] for other in progress if other != key]
        gaps = _gaps(progress[key], others, report_ids) if key in progress else []
        placed = _dated_gaps(key, gaps, start, end, zone)
        for each in placed:
            day = days.setdefault(each.day, Day(each.day))
            day.missing += each.gap.missing
            day.jumps += each.gap.jump
        histories[key] = History([days[day] for day in sorted(days)], placed)
    return histories


def _gaps(own: Progress, others: Sequence[Progress], report_ids: Collection[int]) -> list[Gap]:
    """Return the gaps of a streamer. An id that it left out may still come with another streamer,
    unless that one has stopped."""
    behind = [other.last_id for other in others if _is_alive(other, beside=own)]
    covered = [other.covered for other in others]
    return gaps_of(own.covered, covered, taken=report_ids, complete_up_to=min(behind, default=LAST_ID))


def _is_alive(other: Progress, *, beside: Progress) -> bool:
    if other.last_received is None or beside.last_received is None:
        return False
    return beside.last_received - other.last_received < _STOPPED


def _dated_gaps(
    key: int, gaps: Sequence[Gap], start: datetime, end: datetime, zone: ZoneInfo
) -> list[DatedGap]:
    if not gaps:
        return []
    seen = first_reports_beyond(key, [gap.next_id for gap in gaps], start=start, end=end)
    return [DatedGap(seen[gap.next_id].astimezone(zone).date(), gap) for gap in gaps if gap.next_id in seen]


def reports_of_day(streamer_keys: Sequence[int], *, day: date, zone: ZoneInfo, most: int) -> list[uuid.UUID]:
    """Return the reports that were processed on a day, newest first. Raises Unavailable."""
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    return reports_processed(streamer_keys, start=start, end=end, most=most)


def streamers_with_late_boots(*, tolerance: timedelta) -> list[int]:
    """Return keys of streamers whose newest boot is later than the report that brought it. Raises
    Unavailable."""
    return anomalies.streamers_with_late_boots(tolerance_s=tolerance.total_seconds())
