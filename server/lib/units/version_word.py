"""The word with which a device reports its software version (report formats, part 1).

 31 .. 26   25 .. 20   19 .. 0
+----------+----------+--------+
| major    | minor    | tag    |
+----------+----------+--------+
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VERSION_STREAMS: Final = frozenset({0x5C08, 0x5C09})
"""Local variable ids of such words: of the operating system and of the application."""


@dataclass(frozen=True, slots=True)
class VersionWord:
    tag: int
    major: int
    minor: int

    @classmethod
    def parse(cls, word: int) -> VersionWord:
        return cls(tag=word & 0xFFFFF, major=word >> 26 & 0x3F, minor=word >> 20 & 0x3F)

    def __str__(self) -> str:
        return f"{self.tag} v{self.major}.{self.minor}"
