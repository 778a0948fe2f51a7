"""Instants as wire formats, arrays and tables have them: microseconds of UTC since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST_US: Final = -62_135_510_400_000_000
LATEST_US: Final = 253_402_128_000_000_000
"""Python and PostgreSQL can show the times between these two in any time zone: 2 January of year 1
and 30 December of year 9999."""
_MICROSECOND: Final = timedelta(microseconds=1)


_CAPITALS: Final = str.maketrans("tz", "TZ")
_LEAP_SECOND: Final = re.compile(r"(?<=:[0-9]{2}:)60(?![0-9])")


def parse_iso(text: str) -> datetime:
    """Returns the time in UTC; without an offset it is UTC. A leap second is the second after it,
    as no clock of ours has one.

    Raises ValueError.
    """
    text = text.translate(_CAPITALS)  # RFC 3339 allows both
    regular = _LEAP_SECOND.sub("59", text, count=1)
    try:
        instant = datetime.fromisoformat(regular)
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        if regular == text:
            return instant
        if (instant.hour, instant.minute) != (23, 59):
            raise ValueError("second must be in 0..59")
        return instant + timedelta(seconds=1)
    except OverflowError as error:  # the first hours of year 1 east of Greenwich
        raise ValueError("out of range") from error


def us_of(instant: datetime) -> int:
    # Not by timestamp(), whose float has too few digits for the microseconds of the year 9999.
    return (instant - EPOCH) // _MICROSECOND


def instant_of(us: int) -> datetime:
    """Raises OverflowError outside of the years 1 to 9999."""
    return EPOCH + timedelta(microseconds=us)
