"""A water meter: people wash in the morning and cook in the evening, and some pipes never rest."""

from math import exp
from typing import Final

from demo.noise import drift, fraction
from demo.sensors.quantity import Kind, Moment, Quantity

_VOLUME: Final = 0x5001  # liters since it was fitted
_FLOW: Final = 0x5002  # liters per minute, in 1/65536
_PARTS_OF_LITER: Final = 65536
_LITERS: Final = "liters"
_POINTS: Final = 6  # samples of the flow between two readings
_TAP_S: Final = 90

_PEAKS: Final = ((7.0, 1.1, 1.0), (12.5, 1.4, 0.4), (19.2, 1.8, 0.8))  # hour, width in hours, height


def _volume(moment: Moment) -> int:
    minutes = (moment.at_s - moment.since_s) / 60
    liters = moment.counters.get(_LITERS, 100_000 * fraction(moment.seed)) + _mean_flow(moment) * minutes
    moment.counters[_LITERS] = liters
    return int(liters)


def _flow(moment: Moment) -> int:
    return round(_mean_flow(moment) * _PARTS_OF_LITER)


def _mean_flow(moment: Moment) -> float:
    """Returns liters per minute since the previous reading."""
    length = moment.at_s - moment.since_s
    points = [moment.at_s - length * point // _POINTS for point in range(_POINTS)]
    return sum(_flow_at(at, moment.seed) for at in points) / _POINTS


def _flow_at(at_s: int, seed: int) -> float:
    """A constant leak, and taps that are open more often by day."""
    leak = 0.04 + 0.5 * fraction(seed) ** 4
    tap = (drift(seed, at_s, _TAP_S) + 1) / 2
    opened = tap - (1 - _activity(at_s / 3600 % 24))
    return leak + max(0.0, opened) * (8 + 10 * fraction(seed, 2))


def _activity(hour: float) -> float:
    """Returns how much water is used at an hour: from near 0 at night to 1."""
    return 0.03 + 0.9 * min(1.0, sum(high * exp(-(((hour - at) / wide) ** 2)) for at, wide, high in _PEAKS))


WATER_METER: Final = Kind(
    name="water-meter",
    app_version=(2048, 1, 4),
    quantities=(Quantity(_VOLUME, _volume, live_every_s=30), Quantity(_FLOW, _flow)),
)
