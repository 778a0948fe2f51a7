"""From the raw word of a reading to the stored value, and on to the displayed one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from server.lib.units.errors import UnitError
from server.lib.units.mdo import Floats, Mdo

Words: TypeAlias = NDArray[np.unsignedinteger] | NDArray[np.signedinteger]

_WORD_MASK = 0xFFFF_FFFF
_SIGN_BIT = 0x8000_0000
_UNCHANGED = Mdo()


LARGEST = 1e100
"""The bound of stored values, either side of 0: sums of any number of them, and of their squares,
are finite. Only an absurd offset of a unit makes a larger one of a raw word."""


class RawFormat(StrEnum):
    """How the 32 bits of a raw word are read."""

    UNSIGNED = "<L"
    SIGNED = "<l"
    AUTO = "auto"
    """Not stated; read as unsigned."""


@overload
def cast_raw(values: int, raw_format: RawFormat) -> int: ...
@overload
def cast_raw(values: Words, raw_format: RawFormat) -> NDArray[np.int64]: ...
def cast_raw(values: int | Words, raw_format: RawFormat) -> int | NDArray[np.int64]:
    """Return raw 32 bit words as numbers: 0xfffffffb is -5 if signed, and unchanged otherwise.

    Nothing is clamped, unlike in the original cloud, whose limit of +-(2^31 - 1) shows large
    unsigned counters wrong.
    """
    words = values.astype(np.int64) if isinstance(values, np.ndarray) else values
    if raw_format is not RawFormat.SIGNED:
        return words
    return ((words & _WORD_MASK) ^ _SIGN_BIT) - _SIGN_BIT


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a stream converts raw words: read them, apply its own factors, then its input unit if it
    has one."""

    raw_format: RawFormat = RawFormat.UNSIGNED
    mdo: Mdo = _UNCHANGED
    input_unit: Mdo | None = None

    @property
    def kind(self) -> Literal["ITR", "Num"]:
        """`ITR` for a value in the storage unit of its variable type, `Num` for a plain number."""
        return "Num" if self.input_unit is None else "ITR"

    @overload
    def to_value(self, raw: int) -> float: ...
    @overload
    def to_value(self, raw: Words) -> Floats: ...
    def to_value(self, raw: int | Words) -> float | Floats:
        """Return the stored values of raw words as float64, within +-LARGEST."""
        number = cast_raw(raw, self.raw_format)
        value = self.mdo.forward(
            number.astype(np.float64) if isinstance(number, np.ndarray) else float(number)
        )
        if self.input_unit is not None:
            value = self.input_unit.forward(value)
        if isinstance(value, np.ndarray):
            return value.clip(-LARGEST, LARGEST)
        return min(max(value, -LARGEST), LARGEST)

    def to_word(self, value: float, *, nearest: bool = False) -> int:
        """Return the raw word, 32 bits, that is read back as this value, to the last bit of
        float64; `nearest`: as the nearest one that there is. Raises UnitError."""
        try:
            number = float(value)
            if self.input_unit is not None:
                number = self.input_unit.reverse(number)
            signed = round(self.mdo.reverse(number))
        except (OverflowError, ValueError) as error:  # infinite, or not a number
            raise UnitError(f"{str(value)[:30]} cannot be kept: {self._kept()}.") from error
        lowest = -_SIGN_BIT if self.raw_format is RawFormat.SIGNED else 0
        if not lowest <= signed <= lowest + _WORD_MASK:
            raise UnitError(f"{str(value)[:30]} cannot be kept: {self._kept()}.")
        word = signed & _WORD_MASK
        if not nearest and self.to_value(word) != value:
            raise UnitError(f"{str(value)[:30]} cannot be kept exactly: {self._kept()}.")
        return word

    @property
    def decimals(self) -> int | None:
        """How many digits after the point are kept; None where the steps are no decimal
        fraction."""
        if self.input_unit is not None or self.mdo.multiply != 1 or self.mdo.offset != 0:
            return None
        digits = len(str(int(abs(self.mdo.divide)))) - 1
        return digits if self.mdo.divide == 10**digits else None

    def _kept(self) -> str:
        lowest = _SIGN_BIT if self.raw_format is RawFormat.SIGNED else 0
        ends = sorted((self.to_value(lowest), self.to_value(_WORD_MASK ^ lowest)))
        steps = "steps of its own" if self.decimals is None else f"{self.decimals} decimals"
        return f"the variable has {steps}, from {ends[0]:.15g} to {ends[1]:.15g}"


def output_value(value: float | None, output: Mdo | None) -> float | None:
    """Return a stored value in the output unit; unchanged without a unit or a value."""
    return value if value is None or output is None else output.forward(value)


def display_value(value: float | None, decimal_places: int) -> str:
    """Return a value as text with that many decimal places; an empty text without a value.

    0 is a value like any other. A value that rounds to 0 has no minus sign.
    """
    if value is None:
        return ""
    return f"{value:z.{max(decimal_places, 0)}f}"
