"""What a kind of device measures, and how often."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

HISTORY_STEP_S: Final = 600
LIVE_STEP_S: Final = 5


@dataclass(frozen=True, slots=True)
class Moment:
    """When a quantity is measured, in Unix seconds. `counters` are the device's own and survive a
    reboot."""

    at_s: int
    since_s: int  # when the quantity was measured before
    seed: int
    counters: dict[str, float] = field(default_factory=dict)

    @property
    def hour(self) -> float:
        return self.at_s / 3600 % 24


@dataclass(frozen=True, slots=True)
class Quantity:
    """One stream. `measure` returns the raw word; the periods are whole multiples of the two
    steps."""

    stream: int
    measure: Callable[[Moment], int]
    live_every_s: int = LIVE_STEP_S
    history_every_s: int = HISTORY_STEP_S


@dataclass(frozen=True, slots=True)
class Kind:
    """`app_version` is tag, major, minor: the word of stream 5c09 after a boot. `by_hand`: it
    reports on demand only."""

    name: str
    app_version: tuple[int, int, int]
    quantities: tuple[Quantity, ...]
    by_hand: bool = False
