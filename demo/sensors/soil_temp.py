"""A greenhouse bench: the soil dries until it is watered in the morning, and the air follows the
sun."""

from math import exp, pi, sin
from typing import Final

from demo.noise import drift, fraction
from demo.sensors.quantity import Kind, Moment, Quantity

_TOP: Final = 0x5003  # moisture, 0 to 4095
_ROOTS: Final = 0x5004
_AIR: Final = 0x500F  # millikelvin
_ADC_FULL: Final = 4095
_DAY_S: Final = 86400
_WATERED_AT_S: Final = 6 * 3600 + 1800
_WATERED_EVERY_DAYS: Final = 3
_ZERO_CELSIUS_K: Final = 273.15


def _top(moment: Moment) -> int:
    return _adc(_moisture(moment, dry=19, wet=43, dries_in_h=30, reached_after_h=0.3))


def _roots(moment: Moment) -> int:
    return _adc(_moisture(moment, dry=26, wet=37, dries_in_h=65, reached_after_h=3))


def _moisture(moment: Moment, *, dry: float, wet: float, dries_in_h: float, reached_after_h: float) -> float:
    """Percent. The water arrives over some time, and is lost by a fixed share an hour."""
    hours = _hours_since_watering(moment.at_s, moment.seed)
    level = dry + (wet - dry) * exp(-hours / dries_in_h)
    if hours < reached_after_h:
        before = dry + (wet - dry) * exp(-_WATERED_EVERY_DAYS * 24 / dries_in_h)
        level = before + (wet - before) * hours / reached_after_h
    return level + 0.25 * drift(moment.seed, moment.at_s, 40)


def _hours_since_watering(at_s: int, seed: int) -> float:
    since_first = at_s - _WATERED_AT_S - int(fraction(seed) * 3600) + seed * _DAY_S
    return since_first % (_WATERED_EVERY_DAYS * _DAY_S) / 3600


def _adc(percent: float) -> int:
    return round(min(max(percent, 0), 100) * _ADC_FULL / 100)


def _air(moment: Moment) -> int:
    sun = 6.5 * sin((moment.hour - 9) * pi / 12)
    weather = 3 * drift(1, moment.at_s, 2 * _DAY_S)  # the same for all benches
    draught = 0.5 * drift(moment.seed, moment.at_s, 300) + 0.1 * drift(moment.seed, moment.at_s, 20)
    return round((_ZERO_CELSIUS_K + 20 + sun + weather + draught) * 1000)


SOIL_TEMP: Final = Kind(
    name="soil-temp",
    app_version=(2050, 1, 0),
    quantities=(
        Quantity(_TOP, _top, live_every_s=10),
        Quantity(_ROOTS, _roots, live_every_s=30),
        Quantity(_AIR, _air),
    ),
)
