"""Objects of apps above that a lower one refers to: it knows their table by its name, and of the object the id."""

from typing import Protocol, TypeVar

Key = TypeVar("Key", covariant=True)


class Identified(Protocol[Key]):
    @property
    def id(self) -> Key: ...
