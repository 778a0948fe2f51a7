"""Single fields of a dictionary report, each with the error that names it."""

import re

from server.lib.formats.errors import FormatError
from server.lib.formats.header import NO_TIME
from server.lib.formats.instants import parse_instant
from server.lib.formats.payload import check_payload, excerpt

WORD_MAX = 2**32 - 1
STREAM_MAX = 2**16 - 1

_HEX_STREAM = re.compile(r"[0-9a-fA-F]{4}")

Map = dict[str, object]


def required_field(source: Map, key: str, where: str = "") -> object:
    """Return the value of a required key; it may be null."""
    if key not in source:
        raise FormatError("missing-field", f"{key} is missing", field=where + key)
    return source[key]


def whole_number(value: object, field: str, highest: int, lowest: int = 0) -> int:
    """Return a whole number. JavaScript writes those of 2**31 and above as floating point, so
    4294967295.0 is one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise FormatError("bad-type", f"{excerpt(value)} is not a whole number", field=field)
    if not lowest <= value <= highest:
        message = f"{excerpt(value)} is not between {lowest} and {highest}"
        raise FormatError("out-of-range", message, field=field)
    return value


def lid(value: object, field: str) -> int:
    """Return a local variable id: a number, or its four hex digits as text."""
    if isinstance(value, str):
        if _HEX_STREAM.fullmatch(value) is None:
            raise FormatError("bad-stream", f"{excerpt(value)} is not four hex digits", field=field)
        return int(value, 16)
    return whole_number(value, field, STREAM_MAX)


def raw_time(value: object, field: str) -> int | None:
    """Return a raw device time; None when the sender did not know it, for which ffffffff stands
    too."""
    if value is None:
        return None
    number = whole_number(value, field, WORD_MAX)
    return None if number == NO_TIME else number


def instant(value: object, field: str) -> int | None:
    """Return UTC microseconds; None for null."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise FormatError("bad-type", f"{excerpt(value)} is neither text nor null", field=field)
    return parse_instant(value, field)


def items(source: Map, key: str) -> list[object]:
    """Return a list; missing or null is an empty one."""
    value = source.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise FormatError("bad-type", f"{excerpt(value)} is not a list", field=key)
    return value


def checked_map(value: object, field: str) -> Map:
    """Return a map; the forms have already checked that its keys are text."""
    if not isinstance(value, dict):
        raise FormatError("bad-type", f"{excerpt(value)} is not a map", field=field)
    return value


def payload(value: object, field: str) -> Map | None:
    """Return the free part of an event: a map of plain values; None for null."""
    if value is None:
        return None
    content = checked_map(value, field)
    check_payload(content, field)
    return content
