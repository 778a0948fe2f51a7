"""Values under names, as a board sends them: `{"temperature": 21.5, "rssi": -61}`."""

from __future__ import annotations

from server.lib.named_values.bodies import (
    KEY,
    LONGEST_NAME,
    MOST_AT_ONCE,
    TIME,
    NamedValue,
    NamedValueError,
    values_of_document,
    values_of_form,
    values_of_lines,
)
from server.lib.named_values.known_names import MOST_DECIMALS, USUAL_DECIMALS, KnownName, guess

__all__ = [
    "KEY",
    "LONGEST_NAME",
    "MOST_AT_ONCE",
    "MOST_DECIMALS",
    "TIME",
    "USUAL_DECIMALS",
    "KnownName",
    "NamedValue",
    "NamedValueError",
    "guess",
    "values_of_document",
    "values_of_form",
    "values_of_lines",
]
