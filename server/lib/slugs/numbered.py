"""Kinds of slug that are one number: project, device, stream alias, fleet, device script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from server.lib.slugs.base import Slug
from server.lib.slugs.errors import SlugError
from server.lib.slugs.grammar import GROUP_BITS, Terms, check_fits, to_term

DEVICE_BITS = 3 * GROUP_BITS
DEVICE_MASK = (1 << DEVICE_BITS) - 1

_HEX_NUMBER = re.compile("0x[0-9a-f]{1,16}")


@dataclass(frozen=True, slots=True)
class _NumberedSlug(Slug):
    """A letter and one term. All groups are required unless the kind accepts a short form."""

    GROUPS: ClassVar[int]
    BITS: ClassVar[int]
    NOUN: ClassVar[str]

    number: int

    def __post_init__(self) -> None:
        check_fits(f"{self.NOUN} number", self.number, self.BITS)

    @property
    def gid(self) -> str:
        return to_term(self.number, self.GROUPS)

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(cls._terms(text).number(0, least=cls.GROUPS, most=cls.GROUPS))

    @classmethod
    def _terms(cls, text: str) -> Terms:
        return Terms.split(text, letters=cls.PREFIX[0], count=1, expected=cls.EXPECTED)


@dataclass(frozen=True, slots=True)
class ProjectSlug(_NumberedSlug):
    """`p--0000-0007`. Digits may be missing on the left: `p--0007`, `p--7`."""

    PREFIX: ClassVar[str] = "p--"
    EXPECTED: ClassVar[str] = "p--0000-0007"
    GROUPS: ClassVar[int] = 2
    BITS: ClassVar[int] = 2 * GROUP_BITS
    NOUN: ClassVar[str] = "project"

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(cls._terms(text).padded_number(0, most=cls.GROUPS))


@dataclass(frozen=True, slots=True)
class FleetSlug(_NumberedSlug):
    """`g--0000-0000-0001`. Digits may be missing on the left: `g--0001`, `g--1`."""

    PREFIX: ClassVar[str] = "g--"
    EXPECTED: ClassVar[str] = "g--0000-0000-0001"
    GROUPS: ClassVar[int] = 3
    BITS: ClassVar[int] = 3 * GROUP_BITS
    NOUN: ClassVar[str] = "fleet"

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(cls._terms(text).padded_number(0, most=cls.GROUPS))


@dataclass(frozen=True, slots=True)
class DeviceSlug(_NumberedSlug):
    """`d--0000-0000-0000-0081`. Groups may be missing on the left (`d--0081`), digits may not
    (`d--81`).

    The first of four groups is the number of a data block and is dropped, so the slug of a data
    block gives its device: `d--0001-0000-0000-0081` and `b--0001-0000-0000-0081` are device 81.
    """

    PREFIX: ClassVar[str] = "d--"
    EXPECTED: ClassVar[str] = "d--0000-0000-0000-0081 or d--0081"
    GROUPS: ClassVar[int] = 4
    BITS: ClassVar[int] = DEVICE_BITS
    NOUN: ClassVar[str] = "device"

    @classmethod
    def parse(cls, text: str) -> Self:
        terms = Terms.split(text, letters="db", count=1, expected=cls.EXPECTED)
        return cls(terms.number(0, least=1, most=cls.GROUPS) & DEVICE_MASK)

    @classmethod
    def parse_query(cls, text: str) -> Self:
        """Parse a `?device=` argument, which may also be the bare number in hex, as `0x81`, `0081`
        or `0000-0081`."""
        if text[:2].lower() != "0x":
            return cls.parse(text if "--" in text else f"d--{text}")
        if not _HEX_NUMBER.fullmatch(text.lower()):
            raise SlugError.malformed(text, f"{cls.EXPECTED} or 0x81")
        return cls(int(text, 16))


@dataclass(frozen=True, slots=True)
class AliasSlug(_NumberedSlug):
    """`a--0000-0000-0000-0001`: a virtual stream. There is no short form."""

    PREFIX: ClassVar[str] = "a--"
    EXPECTED: ClassVar[str] = "a--0000-0000-0000-0001"
    GROUPS: ClassVar[int] = 4
    BITS: ClassVar[int] = 4 * GROUP_BITS
    NOUN: ClassVar[str] = "stream alias"


@dataclass(frozen=True, slots=True)
class ScriptSlug(_NumberedSlug):
    """`z--0000-0001`: a device script. There is no short form."""

    PREFIX: ClassVar[str] = "z--"
    EXPECTED: ClassVar[str] = "z--0000-0001"
    GROUPS: ClassVar[int] = 2
    BITS: ClassVar[int] = 2 * GROUP_BITS
    NOUN: ClassVar[str] = "device script"
