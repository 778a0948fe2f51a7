"""An object of a higher app that a lower app refers to: by the name of its table and its id,
without importing its model."""

from typing import Protocol, TypeVar

Key = TypeVar("Key", covariant=True)


class Identified(Protocol[Key]):
    @property
    def id(self) -> Key: ...
