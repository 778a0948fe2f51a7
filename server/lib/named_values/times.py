"""The time of a value: RFC 3339, or seconds or milliseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from server.lib.instants import parse_iso, us_of
from server.lib.timeseries import MOST_AHEAD

EXPECTED: Final = (
    "A time is RFC 3339 with its offset, such as 2026-03-01T11:23:15Z, or a number of seconds or "
    "milliseconds since 1970."
)
_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,12})?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_SINCE: Final = us_of(datetime(2000, 1, 1, tzinfo=UTC))
"""A number before this is an uptime, or the clock of a board that is not set. It also keeps seconds
and milliseconds apart: no number is a time since then in both."""
_SECOND_US: Final = 1_000_000
_MILLISECOND_US: Final = 1_000


def time_us(given: object, *, now: datetime) -> int:
    """Returns microseconds since 1970. Raises ValueError with a message for people."""
    if isinstance(given, str):
        us = _us_of_text(given.strip())
    elif isinstance(given, int | float) and not isinstance(given, bool):
        us = _us_of_number(given, now)
    else:
        raise ValueError(EXPECTED)
    if us > us_of(now + MOST_AHEAD):
        raise ValueError(
            f"The time is more than a day in the future: it is {now:%Y-%m-%dT%H:%M:%SZ} on the server."
        )
    return us


def _us_of_text(text: str) -> int:
    if not _RFC_3339.fullmatch(text):
        raise ValueError(EXPECTED)
    whole, point, rest = text.partition(".")
    if point:  # of the second at most microseconds
        digits = re.match("[0-9]+", rest)
        assert digits is not None
        text = f"{whole}.{digits.group()[:6]:0<6}{rest[digits.end() :]}"
    try:
        return us_of(parse_iso(text))
    except ValueError as error:
        raise ValueError(EXPECTED) from error


def _us_of_number(number: float, now: datetime) -> int:
    latest = us_of(now + MOST_AHEAD)
    for unit_us in (_SECOND_US, _MILLISECOND_US):
        if _SINCE <= number * unit_us <= latest:
            # Not as one product: a float of seconds has few digits left for microseconds.
            whole = int(number)
            return whole * unit_us + round((number - whole) * unit_us)
    raise ValueError(
        f"{str(number)[:30]} is neither seconds nor milliseconds since 1970 of a time between 2000 and now. Without "
        "a clock, leave the time out: it is then the server's. Otherwise send RFC 3339: 2026-03-01T11:23:15Z."
    )
