"""The kinds of devices, and what they measure."""

from typing import Final

from demo.sensors.battery import BATTERY
from demo.sensors.board import BOARD, millikelvin
from demo.sensors.quantity import HISTORY_STEP_S, LIVE_STEP_S, Kind, Moment, Quantity
from demo.sensors.shipping_logger import SHIPPING_LOGGER
from demo.sensors.soil_temp import SOIL_TEMP
from demo.sensors.water_meter import WATER_METER

__all__ = [
    "BATTERY",
    "HISTORY_STEP_S",
    "KINDS",
    "LIVE_STEP_S",
    "Kind",
    "Moment",
    "Quantity",
    "millikelvin",
]

KINDS: Final = {kind.name: kind for kind in (WATER_METER, SOIL_TEMP, SHIPPING_LOGGER, BOARD)}
