"""What all kinds of slug have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import total_ordering
from typing import ClassVar, Self


@total_ordering
class Slug(ABC):
    """The text by which people, devices and the API name an object.

    Slugs sort by their canonical text, which is by kind and then by number.
    """

    __slots__ = ()

    PREFIX: ClassVar[str]
    EXPECTED: ClassVar[str]

    @property
    @abstractmethod
    def gid(self) -> str:
        """The slug without its prefix."""

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Return the slug of any accepted form of `text`. Raises SlugError with the expected
        form."""

    def __str__(self) -> str:
        return self.PREFIX + self.gid

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Slug):
            return NotImplemented
        return str(self) < str(other)
