"""Times of dictionary reports as text: ISO 8601, UTC unless they have an offset."""

import re

from server.lib.formats.errors import FormatError
from server.lib.formats.payload import excerpt
from server.lib.instants import instant_of, parse_iso, us_of

# Narrower than fromisoformat(), which also reads week numbers and days without a time.
_SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)


def parse_instant(text: str, field: str) -> int:
    """Return UTC microseconds since 1970. A time without an offset is UTC; digits beyond the
    microsecond are cut off."""
    if _SHAPE.fullmatch(text) is None:
        message = f"{excerpt(text)} is not a time like 2020-01-01T00:00:10Z"
        raise FormatError("bad-timestamp", message, field=field)
    try:
        return us_of(parse_iso(text))
    except ValueError as exc:
        message = f"{excerpt(text)} is not a time that exists: {exc}"
        raise FormatError("bad-timestamp", message, field=field) from exc


def format_instant(instant_us: int) -> str:
    """Return the text that parse_instant() reads back to the same number; years 1 to 9999."""
    try:
        instant = instant_of(instant_us)
    except OverflowError as exc:
        raise FormatError("out-of-range", f"{instant_us} microseconds are beyond the year 9999") from exc
    return instant.replace(tzinfo=None).isoformat() + "Z"
