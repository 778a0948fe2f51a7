"""From raw words to quantities, and from quantities to display."""

from __future__ import annotations

from server.lib.units.conversion import LARGEST, Conversion, RawFormat, cast_raw, display_value, output_value
from server.lib.units.errors import UnitError
from server.lib.units.mdo import Mdo
from server.lib.units.version_word import VERSION_STREAMS, VersionWord

__all__ = [
    "LARGEST",
    "VERSION_STREAMS",
    "Conversion",
    "Mdo",
    "RawFormat",
    "UnitError",
    "VersionWord",
    "cast_raw",
    "display_value",
    "output_value",
]
