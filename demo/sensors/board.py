"""The board: it measures the temperature of a room, and reports on demand."""

from typing import Final

from demo.noise import drift
from demo.sensors.quantity import Kind, Moment, Quantity

_ROOM: Final = 0x500F  # millikelvin
_DAY_S: Final = 86400
_ZERO_CELSIUS_K: Final = 273.15


def _room(moment: Moment) -> int:
    weather = 1.5 * drift(moment.seed, moment.at_s, _DAY_S)
    draught = 0.4 * drift(moment.seed, moment.at_s, 60) + 0.1 * drift(moment.seed, moment.at_s, 4)
    return millikelvin(21 + weather + draught)


def millikelvin(celsius: float) -> int:
    """Returns the raw word for a temperature."""
    return round((_ZERO_CELSIUS_K + celsius) * 1000)


BOARD: Final = Kind(
    name="board",
    app_version=(2051, 1, 0),
    quantities=(Quantity(_ROOM, _room),),
    by_hand=True,
)
