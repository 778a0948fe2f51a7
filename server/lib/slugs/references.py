"""References to people and organisations where both are possible: `@alice`, `^north-water`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from server.lib.slugs.base import Slug
from server.lib.slugs.errors import SlugError

# An account's slug has at most 60 characters, an organisation's fewer.
_NAME = re.compile("[-a-zA-Z0-9_]{1,60}")


@dataclass(frozen=True, slots=True)
class _NameReference(Slug):
    """A sign and a name slug. The name keeps its case because it is a key."""

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise SlugError.malformed(self.name, self.EXPECTED[1:])

    @property
    def gid(self) -> str:
        return self.name

    @classmethod
    def parse(cls, text: str) -> Self:
        if text[:1] != cls.PREFIX or not _NAME.fullmatch(text, 1):
            raise SlugError.malformed(text, cls.EXPECTED)
        return cls(text[1:])


@dataclass(frozen=True, slots=True)
class AccountRef(_NameReference):
    """`@alice`: a person."""

    PREFIX: ClassVar[str] = "@"
    EXPECTED: ClassVar[str] = "@alice"


@dataclass(frozen=True, slots=True)
class OrgRef(_NameReference):
    """`^north-water`: an organisation."""

    PREFIX: ClassVar[str] = "^"
    EXPECTED: ClassVar[str] = "^north-water"
