"""A box on its way: kept cold, opened now and then, flown sometimes, and rarely dropped."""

from math import exp
from typing import Final

from demo.noise import drift, fraction
from demo.sensors.quantity import Kind, Moment, Quantity

_PRESSURE: Final = 0x5021  # pascal
_HUMIDITY: Final = 0x5022  # percent, in 1/1024
_TEMPERATURE: Final = 0x5023  # centidegrees, signed
_PEAK: Final = 0x5025  # acceleration, in 49/1000 g
_PEAK_UNIT_G: Final = 0.049
_PARTS_OF_PERCENT: Final = 1024

_OPENING_SLOT_S: Final = 9 * 3600
_COOLS_IN_S: Final = 1500
_FLIGHT_S: Final = 10 * 3600
_SHOCK_SLOT_S: Final = 600
_SHOCKS_A_SLOT: Final = 1 / 110  # a little more than one a day


def _temperature(moment: Moment) -> int:
    cooler = 0.7 * drift(moment.seed, moment.at_s, 1700)
    noise = 0.05 * drift(moment.seed, moment.at_s, 15)
    return round((4.6 + cooler + noise + 5.5 * _opened(moment)) * 100)


def _humidity(moment: Moment) -> int:
    percent = 68 + 6 * drift(moment.seed, moment.at_s, 5400) + 14 * _opened(moment)
    return round(percent * _PARTS_OF_PERCENT)


def _opened(moment: Moment) -> float:
    """Returns 1 just after the box was opened, then a decreasing share."""
    slot, offset_s = divmod(moment.at_s, _OPENING_SLOT_S)
    opened_at = int(fraction(moment.seed, slot, 7) * _OPENING_SLOT_S)
    return exp(-(offset_s - opened_at) / _COOLS_IN_S) if offset_s >= opened_at else 0.0


def _pressure(moment: Moment) -> int:
    weather = 900 * drift(2, moment.at_s, 30 * 3600)
    height = max(0.0, drift(moment.seed, moment.at_s, _FLIGHT_S) - 0.55)  # in the air when far above the mean
    return round(101_300 + weather - 55_000 * height)


def _peak(moment: Moment) -> int:
    """The strongest acceleration since the previous reading."""
    road = 0.1 + 0.35 * fraction(moment.seed, moment.at_s, _PEAK)
    return round(max(road, _shock(moment)) / _PEAK_UNIT_G)


def _shock(moment: Moment) -> float:
    """Returns g; 0 without a shock."""
    strongest = 0.0
    for slot in range(moment.since_s // _SHOCK_SLOT_S, moment.at_s // _SHOCK_SLOT_S + 1):
        happened_at = slot * _SHOCK_SLOT_S + int(fraction(moment.seed, slot, 8) * _SHOCK_SLOT_S)
        happened = fraction(moment.seed, slot, 9) < _SHOCKS_A_SLOT
        if happened and moment.since_s < happened_at <= moment.at_s:
            strongest = max(strongest, 3 + 14 * fraction(moment.seed, slot, 10) ** 2)
    return strongest


SHIPPING_LOGGER: Final = Kind(
    name="shipping-logger",
    app_version=(2049, 1, 3),
    quantities=(
        Quantity(_PRESSURE, _pressure, live_every_s=30),
        Quantity(_HUMIDITY, _humidity, live_every_s=30),
        Quantity(_TEMPERATURE, _temperature),
        Quantity(_PEAK, _peak, live_every_s=10),
    ),
)
