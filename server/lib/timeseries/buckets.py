"""Calendar buckets of a time zone: minutes, hours, days, weeks, months, years.

The day of the change to daylight saving time has 23 hours, and so has its bucket. An hour that
clocks repeat is two buckets; one that they skip is none. Weeks begin on Monday.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from server.lib.instants import EARLIEST_US, LATEST_US, instant_of

_FORM: Final = re.compile(r"([1-9][0-9]?)([mhdwMy])")
_EXPECTED: Final = (
    "A bucket is 1, 5, 10, 15, 20 or 30m, 1, 2, 3, 4, 6, 8 or 12h, 1d, 1w, 1, 2, 3, 4 or 6M, or 1y."
)
_COUNTS: Final = {  # divisors of the next larger unit
    "m": {1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30},
    "h": {1, 2, 3, 4, 6, 8, 12},
    "d": {1},
    "w": {1},
    "M": {1, 2, 3, 4, 6},
    "y": {1},
}
_LONGEST: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(hours=25),
    "w": timedelta(days=7, hours=1),
    "M": timedelta(days=31, hours=1),
    "y": timedelta(days=366, hours=1),
}
_DAY: Final = timedelta(days=1)
_FIRST_MOMENT: Final = datetime.min.replace(tzinfo=UTC)
_LAST_MOMENT: Final = datetime.max.replace(tzinfo=UTC)
FIRST: Final = instant_of(EARLIEST_US)
LAST: Final = instant_of(LATEST_US) + timedelta(seconds=1)
"""All times of readings are between these two. A bucket may begin before year 1 or end after year
9999, which Python's dates do not have; its edge is then the first or last moment that they have."""


class BucketError(ValueError):
    """An invalid bucket."""


class TooManyBuckets(BucketError):
    """More buckets than wanted."""


class Stretch(NamedTuple):
    """A range of time, half-open."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `15m`, `1h`, `1d`, `1w`, `1M`, `1y`. Raises BucketError."""
        found = _FORM.fullmatch(text)
        if found is None or int(found[1]) not in _COUNTS[found[2]]:
            raise BucketError(_EXPECTED)
        return cls(int(found[1]), found[2])

    @property
    def longest(self) -> timedelta:
        return self.count * _LONGEST[self.unit]

    def edges(self, start: datetime, end: datetime, zone: ZoneInfo, *, most: int) -> list[datetime]:
        """Return where the buckets that overlap [start, end) begin, and where the last one ends; in
        UTC, ascending.

        Raises TooManyBuckets for more than `most` buckets.
        """
        return self.edges_of([Stretch(start, end)], zone, most=most)

    def edges_of(self, stretches: Sequence[Stretch], zone: ZoneInfo, *, most: int) -> list[datetime]:
        """Return the edges of the buckets that overlap one of the stretches, which are ascending.
        Between two stretches one wide bucket takes the place of those in between.

        Raises TooManyBuckets for more than `most` buckets, without the wide ones.
        """
        found: list[datetime] = []
        left = most
        for stretch in stretches:
            start, end = max(stretch.start, FIRST), min(stretch.end, LAST)
            if start >= end:
                continue
            if (end - start) / self.longest > left:
                raise TooManyBuckets(f"That makes more than {most} buckets.")
            more = self._edges_around(start, end, zone)
            left -= len(more) - 1
            if left < 0:
                raise TooManyBuckets(f"That makes more than {most} buckets.")
            found += [edge for edge in more if not found or edge > found[-1]]
        return found

    def _edges_around(self, start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
        """Return the edges from the last one not after `start` to the first one not before
        `end`."""
        found: list[datetime] = []
        for edge in self._edges_from(start.astimezone(zone).date(), zone):
            if found and edge <= found[-1]:  # a day that the time zone skipped
                continue
            if edge <= start:
                found = [edge]
                continue
            found.append(edge)
            if edge >= end:
                return found
        return [*found, _LAST_MOMENT]

    def _edges_from(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        if self.unit in "mh":
            return self._edges_within_days(max(day, date.min + _DAY) - _DAY, zone)
        return (_midnight(first, zone) for first in self._days_from(day))

    def _days_from(self, day: date) -> Iterator[date]:
        """Yield the first days of buckets, from the one that contains `day` on."""
        if self.unit == "y":
            return (date(year, 1, 1) for year in range(day.year, 10_000))
        if self.unit == "M":
            first = day.year * 12 + (day.month - 1) // self.count * self.count
            return (date(m // 12, m % 12 + 1, 1) for m in range(first, 10_000 * 12, self.count))
        step = 7 if self.unit == "w" else 1
        first_day = day - timedelta(days=day.weekday() if self.unit == "w" else 0)
        return (first_day + timedelta(days=n) for n in range(0, (date.max - first_day).days + 1, step))

    def _edges_within_days(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        step = self.count * (timedelta(minutes=1) if self.unit == "m" else timedelta(hours=1))
        begin = _midnight(day, zone)
        while day < date.max:
            day += _DAY
            next_begin = _midnight(day, zone)
            if next_begin - begin == _DAY and _has_constant_offset(begin, next_begin, zone):
                yield from (begin + n * step for n in range(_DAY // step))
            elif step > timedelta(hours=1):
                yield from _wall_edges(day - _DAY, step, zone)
            else:
                yield from _clock_edges(begin, next_begin, step, zone)
            begin = next_begin


def _has_constant_offset(begin: datetime, end: datetime, zone: ZoneInfo) -> bool:
    offsets = {moment.astimezone(zone).utcoffset() for moment in (begin, begin + (end - begin) / 2, end)}
    return len(offsets) == 1


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins in the zone; where clocks skip midnight, the first time that they
    show."""
    return _in_utc(datetime.combine(day, time()), zone)


def _in_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when clocks show a time; the first or last moment of all for what is beyond it."""
    try:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return _FIRST_MOMENT if wall.year == date.min.year else _LAST_MOMENT


def _wall_edges(day: date, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    midnight = datetime.combine(day, time())
    for n in range(_DAY // step):
        yield _in_utc(midnight + n * step, zone)


def _clock_edges(begin: datetime, end: datetime, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield steps of real time that realign with the wall clock after it was moved by less than a
    step."""
    edge = begin
    while edge < end:
        yield edge
        edge += step
        wall = edge.astimezone(zone)
        past = timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second) % step
        if past:
            edge += step - past
