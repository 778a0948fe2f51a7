"""Decoders of packets: how many words a packet has, which numbers are in them, and what these mean.

    raw_packet_format   <LLLL                      a letter a word: how many of its lowest bits count
    decoding            ["H{axis:2,peak:14}", …]   bit layouts over the bits of all words
    transform           {"axis": {"map": {"0": "x"}}, "peak": {"mdo": [49, 1000, 0.0]}}

Definitions come from people, so they are never executed, and everything in them is bounded.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from server.lib.formats.bit_layout import BITS, BitField, pack_fields, parse_layouts
from server.lib.formats.errors import LayoutError
from server.lib.formats.payload import excerpt
from server.lib.units import Mdo

Value: TypeAlias = str | int | float | bool
Meaning: TypeAlias = Callable[[int], Value]

LONGEST_FORMAT: Final = 32  # characters
ERROR_KEY: Final = "error"
"""The key of an event's document that replaces its fields when the packet cannot be read."""

_FORMAT: Final = re.compile(r"<[bBhHlLqQ]+")
_WORD_BITS: Final = 32
_PARTS: Final = {"decoding", "transform"}
_MOST_NAMES: Final = 256
_LONGEST_NAME: Final = 100
_LARGEST_FACTOR: Final = 1e18  # so that no number of a packet can become infinite


@dataclass(frozen=True, slots=True)
class PacketDecoder:
    word_bits: tuple[int, ...]
    """How many bits each word contributes to the packet."""
    fields: tuple[BitField, ...]
    meanings: Mapping[str, Meaning]

    @property
    def words(self) -> int:
        """The number of words in a packet."""
        return len(self.word_bits)

    @classmethod
    def parse(cls, raw_packet_format: str, packet_info: object) -> "PacketDecoder":
        """Raises LayoutError, whose `field` is the argument that is wrong."""
        word_bits = _word_bits(raw_packet_format)
        if not isinstance(packet_info, dict) or not packet_info.keys() <= _PARTS:
            raise _layout_error("A decoder has decoding and transform, and nothing else.")
        layouts, transform = packet_info.get("decoding"), packet_info.get("transform", {})
        if not isinstance(layouts, list) or not layouts:
            raise _layout_error("decoding is a list of bit layouts.")
        fields, bits = parse_layouts(layouts)
        if bits > sum(word_bits):
            raise _layout_error(f"The layouts have {bits} bits, a packet {sum(word_bits)}.")
        if any(field.name == ERROR_KEY for field in fields):
            raise _layout_error(f"A field cannot be called {ERROR_KEY}.")
        return cls(word_bits, fields, _meanings(transform, {field.name for field in fields}))

    def decode(self, words: Sequence[int]) -> dict[str, Value]:
        """Return the values by name, in the order of the layouts. Raises LayoutError for another
        number of words."""
        if len(words) != self.words:
            raise LayoutError(f"The packet has {len(words)} words and not {self.words}.")
        packet, shift = 0, 0
        for word, bits in zip(words, self.word_bits, strict=True):
            packet |= (word & (1 << bits) - 1) << shift
            shift += bits
        return {field.name: self._meaning_of_number(field, field.read(packet)) for field in self.fields}

    def _meaning_of_number(self, field: BitField, number: int) -> Value:
        meaning = self.meanings.get(field.name)
        return number if meaning is None else meaning(number)

    def encode(self, numbers: Mapping[str, int]) -> list[int]:
        """Return the words of a packet with these numbers, as they are before `transform`. Raises
        LayoutError."""
        packet = pack_fields(self.fields, numbers)
        words = []
        for bits in self.word_bits:
            words.append(packet & (1 << min(bits, _WORD_BITS)) - 1)
            packet >>= bits
        return words


def _word_bits(raw_packet_format: str) -> tuple[int, ...]:
    if len(raw_packet_format) > LONGEST_FORMAT or _FORMAT.fullmatch(raw_packet_format) is None:
        message = f"{excerpt(raw_packet_format)} is no format of a packet, such as <LLLL."
        raise LayoutError(message, field="raw_packet_format")
    return tuple(BITS[letter] for letter in raw_packet_format[1:])


def _meanings(transform: object, names: set[str]) -> dict[str, Meaning]:
    if not isinstance(transform, dict) or not transform.keys() <= names:
        raise _layout_error("transform must be a map whose keys are names of fields.")
    return {name: _meaning(name, rule) for name, rule in transform.items()}


def _meaning(name: str, rule: object) -> Meaning:
    if isinstance(rule, dict) and rule.keys() == {"map"}:
        return partial(_name_of, _checked_names(name, rule["map"]))
    if isinstance(rule, dict) and rule.keys() == {"mdo"}:
        return _factors(name, rule["mdo"]).forward
    raise _layout_error(f'The transform of {name} is {{"map": {{…}}}} or {{"mdo": [m, d, o]}}.')


def _name_of(names: Mapping[str, Value], number: int) -> Value:
    """Return the name of a number, or the number if it has none."""
    return names.get(str(number), number)


def _checked_names(name: str, names: object) -> dict[str, Value]:
    if not isinstance(names, dict) or len(names) > _MOST_NAMES:
        raise _layout_error(f"The map of {name} has up to {_MOST_NAMES} names, by number.")
    for value in names.values():
        is_short_text = isinstance(value, str) and len(value) <= _LONGEST_NAME
        if not is_short_text and not _is_number(value) and not isinstance(value, bool):
            raise _layout_error(f"{excerpt(value)} is no name that a number of {name} can have.")
    return dict(names)


def _factors(name: str, factors: object) -> Mdo:
    if not isinstance(factors, list) or len(factors) != 3 or not all(map(_is_number, factors)):
        raise _layout_error(f"The mdo of {name} is a list of three numbers: m, d, o.")
    multiply, divide, offset = factors
    if not 1 / _LARGEST_FACTOR <= abs(divide) <= _LARGEST_FACTOR:
        raise _layout_error(f"The mdo of {name} divides by {excerpt(divide)}.")
    return Mdo(multiply, divide, offset)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= _LARGEST_FACTOR


def _layout_error(message: str) -> LayoutError:
    return LayoutError(message, field="packet_info")
