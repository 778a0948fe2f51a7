"""Names of variables that their project has not named."""

from __future__ import annotations

from typing import Final

from server.lib.slugs.grammar import GROUP_BITS, check_fits
from server.lib.slugs.variables import StreamType, is_system_variable, stream_type, variable_code

_NUMBER_MASK: Final = 0x07FF

_SYSTEM_NAMES: Final = {
    0x0E00: "Trip start",
    0x0E01: "Trip end",
    0x0E02: "Trip pause",
    0x5800: "Battery",
    0x5A00: "Gateway scan begin",
    0x5A01: "Gateway scan end",
    0x5A03: "Gateway scan failure",
    0x5A05: "Complete report",
    0x5A06: "Cut report",
    0x5A07: "Trip summary",
    0x5A08: "Trip update",
    0x5A09: "Device data mask",
    0x5A0A: "Machine OEE summary",
    0x5A0C: "Mid-trip upload",
    0x5C00: "Reboot",
    0x5C01: "User connected",
    0x5C02: "User disconnected",
    0x5C08: "Operating system version",
    0x5C09: "Application version",
}

# The meaning of a user variable depends on the device's application. The known applications agree
# on these, but not on 5001 and 5002, which belong to water meters and are also the first outputs of
# everything else.
_USER_NAMES: Final = {
    0x5003: "Soil moisture 1",
    0x5004: "Soil moisture 2",
    0x5005: "4-20 mA",
    0x500B: "Dust",
    0x500F: "Temperature",
    0x5010: "Conductivity",
    0x5020: "Accelerometer",
    0x5021: "Pressure",
    0x5022: "Relative humidity",
    0x5023: "Temperature",
    0x5060: "Daily metrics",
}
_NAMES: Final = _SYSTEM_NAMES | _USER_NAMES


def variable_name(lid: int) -> str:
    """Return a name for any local variable id: `Reboot`, or by its bits `Output 1`, `System input
    3`, `Variable 9fff`.

    Raises SlugError for a number over 16 bits.
    """
    check_fits("variable number", lid, GROUP_BITS)
    return _NAMES.get(lid) or _name_by_type(lid, stream_type(lid))


def _name_by_type(lid: int, kind: StreamType | None) -> str:
    if kind is None:
        return f"Variable {variable_code(lid)}"
    word = kind.name.lower()
    words = f"system {word}" if is_system_variable(lid) else word
    return f"{words.capitalize()} {lid & _NUMBER_MASK}"
