"""Linear conversions: multiply, divide, offset."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from server.lib.units.errors import UnitError

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mdo:
    """`value = offset + number * multiply / divide`, in this order of operations so that results
    match to the last bit.

    Numbers and arrays go through the same float64 arithmetic and give the same results.
    """

    multiply: float = 1
    divide: float = 1
    offset: float = 0.0

    def __post_init__(self) -> None:
        for name, factor in (("multiply", self.multiply), ("divide", self.divide), ("offset", self.offset)):
            if not _is_float(factor):
                raise UnitError(f"The factor {name!r} of a conversion must be a finite number.")
        if self.divide == 0:
            raise UnitError("The factor 'divide' of a conversion must not be 0.")

    @overload
    def forward(self, value: float) -> float: ...
    @overload
    def forward(self, value: Floats) -> Floats: ...
    def forward(self, value: float | Floats) -> float | Floats:
        """Convert from raw to stored, or from stored to displayed. What float64 cannot hold is
        infinite."""
        with np.errstate(over="ignore"):
            return float(self.offset) + _as_float(value) * float(self.multiply) / float(self.divide)

    @overload
    def reverse(self, value: float) -> float: ...
    @overload
    def reverse(self, value: Floats) -> Floats: ...
    def reverse(self, value: float | Floats) -> float | Floats:
        """Convert back. Raises UnitError if `multiply` is 0."""
        if self.multiply == 0:
            raise UnitError("A conversion that multiplies by 0 cannot be reversed.")
        return (_as_float(value) - float(self.offset)) * float(self.divide) / float(self.multiply)


def _as_float(value: float | Floats) -> float | Floats:
    """Return `value` as float64, so that a large integer factor cannot overflow an integer
    array."""
    return value.astype(np.float64, copy=False) if isinstance(value, np.ndarray) else float(value)


def _is_float(factor: float) -> bool:
    try:
        return math.isfinite(factor)
    except OverflowError:
        return False
