"""What a name says about its values: a guess, which people change as they like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

USUAL_DECIMALS: Final = 3
MOST_DECIMALS: Final = 9


@dataclass(frozen=True, slots=True)
class KnownName:
    unit: str = ""
    shown_decimals: int = USUAL_DECIMALS
    """How many digits after the point people want to see; more are kept."""


_UNKNOWN: Final = KnownName()

# By the last word of a name that is in the table: `soil_temperature`, `batteryVoltage`.
_WORDS: Final = {
    "temperature": KnownName("°C", 1),
    "temp": KnownName("°C", 1),
    "celsius": KnownName("°C", 1),
    "fahrenheit": KnownName("°F", 1),
    "humidity": KnownName("%", 1),
    "moisture": KnownName("%", 1),
    "percent": KnownName("%", 1),
    "soc": KnownName("%", 0),
    "battery": KnownName("V", 2),
    "voltage": KnownName("V", 2),
    "volt": KnownName("V", 2),
    "volts": KnownName("V", 2),
    "mv": KnownName("mV", 0),
    "current": KnownName("A", 3),
    "ma": KnownName("mA", 1),
    "power": KnownName("W", 1),
    "watts": KnownName("W", 1),
    "energy": KnownName("kWh", 3),
    "kwh": KnownName("kWh", 3),
    "rssi": KnownName("dBm", 0),
    "dbm": KnownName("dBm", 0),
    "snr": KnownName("dB", 1),
    "pressure": KnownName("hPa", 1),
    "hpa": KnownName("hPa", 1),
    "co2": KnownName("ppm", 0),
    "tvoc": KnownName("ppb", 0),
    "pm1": KnownName("µg/m³", 0),
    "pm10": KnownName("µg/m³", 0),
    "pm25": KnownName("µg/m³", 0),
    "lux": KnownName("lx", 0),
    "illuminance": KnownName("lx", 0),
    "noise": KnownName("dB", 1),
    "distance": KnownName("m", 3),
    "altitude": KnownName("m", 1),
    "speed": KnownName("m/s", 1),
    "weight": KnownName("kg", 3),
    "volume": KnownName("L", 1),
    "uptime": KnownName("s", 0),
    "heap": KnownName("B", 0),
    "count": KnownName("", 0),
    "counter": KnownName("", 0),
    "pulses": KnownName("", 0),
}
_PARTS: Final = re.compile(r"[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*(?![a-z])|[0-9]+")


def guess(name: str) -> KnownName:
    words = [part.lower() for part in _PARTS.findall(name)]
    return next((_WORDS[word] for word in reversed(words) if word in _WORDS), _UNKNOWN)
