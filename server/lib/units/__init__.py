"""Raw word to quantity, and quantity to display."""

from __future__ import annotations

from server.lib.units.conversion import Conversion, RawFormat, cast_raw, display_value, output_value
from server.lib.units.errors import UnitError
from server.lib.units.mdo import Mdo

__all__ = ["Conversion", "Mdo", "RawFormat", "UnitError", "cast_raw", "display_value", "output_value"]
