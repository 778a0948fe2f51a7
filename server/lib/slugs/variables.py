"""Meaning of the 16 bits of a local variable id, on the device and in the cloud."""

from __future__ import annotations

import re
from enum import IntEnum

from server.lib.slugs.errors import SlugError

_SYSTEM_BIT = 0x0800
_TYPE_SHIFT = 12
_FIRST_NAMED_TYPE = 6  # no device has such streams; two bits of the type count the names
_NAMES_A_TYPE = _SYSTEM_BIT  # bits 0..10
MOST_NAMED_VARIABLES = 4 * _NAMES_A_TYPE
_CODE = re.compile("[0-9a-f]{4}")


class StreamType(IntEnum):
    """Bits 12..15 of a local variable id: where on the device the readings come from."""

    BUFFERED = 0
    UNBUFFERED = 1
    CONSTANT = 2
    INPUT = 3
    COUNTER = 4
    OUTPUT = 5


def is_system_variable(variable: int) -> bool:
    """Whether the variable means the same on all devices (bit 11)."""
    return bool(variable & _SYSTEM_BIT)


def stream_type(variable: int) -> StreamType | None:
    """Return the type in bits 12..15, or None for one that is not defined."""
    code = variable >> _TYPE_SHIFT
    return StreamType(code) if code <= StreamType.OUTPUT else None


def named_variable(number: int) -> int:
    """Return the id of a variable that a name made, of `number` modulo MOST_NAMED_VARIABLES: 6000
    to 67ff, 7000 to 77ff, and so on to 97ff."""
    kind, code = divmod(number % MOST_NAMED_VARIABLES, _NAMES_A_TYPE)
    return (_FIRST_NAMED_TYPE + kind << _TYPE_SHIFT) | code


def is_named_variable(variable: int) -> bool:
    """Whether the id is of the range for variables that names make."""
    kind = (variable >> _TYPE_SHIFT) - _FIRST_NAMED_TYPE
    return 0 <= kind < MOST_NAMED_VARIABLES // _NAMES_A_TYPE and not is_system_variable(variable)


def variable_code(variable: int) -> str:
    """Return the id as people and reports write it: 0x5001 is `5001`."""
    return f"{variable:04x}"


def parse_variable(code: str) -> int:
    """Return the id of four hex digits in any case. Raises SlugError for anything else."""
    lowered = code.lower()
    if not _CODE.fullmatch(lowered):
        raise SlugError.malformed(code, "5001 (four hex digits)")
    return int(lowered, 16)
