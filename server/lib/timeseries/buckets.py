"""Calendar buckets of a time zone: minutes, hours, days, weeks, months, years.

The day of the change to daylight saving time has 23 hours, and so has its bucket. An hour that
clocks repeat is two buckets; one that they skip is none. Weeks begin on Monday.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

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
FIRST: Final = datetime(2, 1, 1, tzinfo=UTC)
LAST: Final = datetime(9998, 1, 1, tzinfo=UTC)
"""Between these two, the bucket of every time is within Python's range of dates."""


class BucketError(ValueError):
    """An invalid bucket, or too many of them."""


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

    def edges(self, start: datetime, end: datetime, zone: ZoneInfo, *, most: int) -> list[datetime]:
        """Return where the buckets that overlap [start, end) begin, and where the last one ends; in
        UTC, ascending.

        Raises BucketError for more than `most` buckets.
        """
        start, end = max(start, FIRST), min(end, LAST)
        if start >= end:
            return []
        if (end - start) / (self.count * _LONGEST[self.unit]) > most:
            raise BucketError(f"That makes more than {most} buckets.")
        found = self._edges_around(start, end, zone)
        if len(found) - 1 > most:
            raise BucketError(f"That makes more than {most} buckets.")
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
        return found

    def _edges_from(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        if self.unit in "mh":
            return self._edges_within_days(day - _DAY, zone)
        return (_midnight(first, zone) for first in self._days_from(day))

    def _days_from(self, day: date) -> Iterator[date]:
        """Yield the first days of buckets, from the one that contains `day` on."""
        if self.unit == "y":
            return (date(year, 1, 1) for year in range(day.year, 10_000))
        if self.unit == "M":
            first = day.year * 12 + (day.month - 1) // self.count * self.count
            return (date(m // 12, m % 12 + 1, 1) for m in range(first, 9_999 * 12, self.count))
        step = 7 if self.unit == "w" else 1
        first_day = day - timedelta(days=day.weekday() if self.unit == "w" else 0)
        return (first_day + timedelta(days=n) for n in range(0, 9_999 * 366, step))

    def _edges_within_days(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        step = self.count * (timedelta(minutes=1) if self.unit == "m" else timedelta(hours=1))
        begin = _midnight(day, zone)
        while True:
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
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _wall_edges(day: date, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    midnight = datetime.combine(day, time())
    for n in range(_DAY // step):
        yield (midnight + n * step).replace(tzinfo=zone).astimezone(UTC)


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
