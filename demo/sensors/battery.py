"""The battery, which every kind of device has."""

from typing import Final

from demo.noise import fraction
from demo.sensors.quantity import Moment, Quantity

_STREAM: Final = 0x5800
_FULL_MV: Final = 3650
_LOSS_MV_A_DAY: Final = 5
_CHANGED_EVERY_DAYS: Final = 150
_DAY_S: Final = 86400


def _millivolts(moment: Moment) -> int:
    days = moment.at_s / _DAY_S + fraction(moment.seed) * _CHANGED_EVERY_DAYS
    noise = 4 * fraction(moment.seed, moment.at_s, _STREAM)
    return round(_FULL_MV - _LOSS_MV_A_DAY * (days % _CHANGED_EVERY_DAYS) + noise)


BATTERY: Final = Quantity(_STREAM, _millivolts, live_every_s=300, history_every_s=4 * 3600)
