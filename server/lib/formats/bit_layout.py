"""Bit layouts: how a packet is divided into named numbers.

    H{axis:2,peak:14}      a letter of Python's `struct` gives the number of bits and whether they are signed;
    l{delta_v_x}           the fields share them from the lowest bit on; a single field has them all.

The first layout has the lowest bits, and the others follow. Bits of no field, and fields called
`_`, are ignored.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from server.lib.formats.errors import LayoutError
from server.lib.formats.payload import excerpt

BITS: Final = {"b": 8, "B": 8, "h": 16, "H": 16, "l": 32, "L": 32, "q": 64, "Q": 64}
"""By letter; lower case is signed."""

MOST_LAYOUTS: Final = 64
MOST_FIELDS: Final = 128
_LONGEST: Final = 2000  # characters of one layout
_NOTHING: Final = "_"
_LAYOUT: Final = re.compile(r"([bBhHlLqQ])\{([^{}]+)\}")
_FIELD: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,39})(?::([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class BitField:
    """A number in a packet: `bits` bits from bit `shift` on."""

    name: str
    shift: int
    bits: int
    signed: bool

    def read(self, packet: int) -> int:
        number = packet >> self.shift & (1 << self.bits) - 1
        return number - (1 << self.bits) if self.signed and number >> self.bits - 1 else number

    def write(self, number: int) -> int:
        """Return the bits of a packet that hold the number. Raises LayoutError when it has too
        few."""
        lowest = -(1 << self.bits - 1) if self.signed else 0
        if not lowest <= number < lowest + (1 << self.bits):
            raise LayoutError(f"{excerpt(number)} does not fit into the {self.bits} bits of {self.name}.")
        return (number & (1 << self.bits) - 1) << self.shift


def parse_layouts(layouts: Iterable[object]) -> tuple[tuple[BitField, ...], int]:
    """Return the fields, and how many bits the layouts take. Raises LayoutError."""
    fields: list[BitField] = []
    offset = 0
    for place, layout in enumerate(layouts):
        if place >= MOST_LAYOUTS:
            raise LayoutError(f"There can be {MOST_LAYOUTS} layouts at most.")
        letter, parts = _split(layout)
        fields += _fields(str(layout), parts, shift=offset, bits=BITS[letter], signed=letter.islower())
        offset += BITS[letter]
        if len(fields) > MOST_FIELDS:
            raise LayoutError(f"There can be {MOST_FIELDS} fields at most.")
    _check_names(fields)
    return tuple(field for field in fields if field.name != _NOTHING), offset


def _split(layout: object) -> tuple[str, list[str]]:
    """Split `H{a:2,b:14}` into H and [a:2, b:14]."""
    found = _LAYOUT.fullmatch(layout) if isinstance(layout, str) and len(layout) <= _LONGEST else None
    if found is None:
        raise LayoutError(f"{excerpt(layout)} is no bit layout, such as H{{axis:2,peak:14}}.")
    return found[1], [part.strip() for part in found[2].split(",")]


def _fields(layout: str, parts: list[str], *, shift: int, bits: int, signed: bool) -> list[BitField]:
    fields: list[BitField] = []
    end = shift + bits
    for part in parts:
        found = _FIELD.fullmatch(part)
        if found is None:
            raise LayoutError(f"{excerpt(part)} of {excerpt(layout)} is no field, such as peak:14.")
        width = int(found[2]) if found[2] else bits
        if not 1 <= width <= end - shift:
            raise LayoutError(f"{excerpt(layout)} has {bits} bits, and {found[1]} does not fit into them.")
        fields.append(BitField(found[1], shift, width, signed))
        shift += width
    return fields


def _check_names(fields: list[BitField]) -> None:
    names = [field.name for field in fields if field.name != _NOTHING]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise LayoutError(f"There are two fields called {min(twice)}.")


def pack_fields(fields: Iterable[BitField], numbers: Mapping[str, int]) -> int:
    """Return a packet with these numbers, 0 where none is given. Raises LayoutError."""
    packet = 0
    for field in fields:
        packet |= field.write(numbers.get(field.name, 0))
    return packet
