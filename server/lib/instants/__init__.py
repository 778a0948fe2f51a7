"""Instants as wire formats, arrays and tables have them: microseconds of UTC since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def us_of(instant: datetime) -> int:
    # Not by timestamp(), whose float has too few digits for the microseconds of the year 9999.
    return (instant - EPOCH) // _MICROSECOND


def instant_of(us: int) -> datetime:
    """Raises OverflowError outside of the years 1 to 9999."""
    return EPOCH + timedelta(microseconds=us)
