"""Decoded reports, and the 16 byte reading that the binary formats share."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from server.lib.formats.errors import FormatError
from server.lib.formats.header import Event, Header

READING = np.dtype(
    [("lid", "<u2"), ("reserved", "<u2"), ("reading_id", "<u4"), ("raw_time", "<u4"), ("value", "<u4")]
)
READING_BYTES = READING.itemsize

Row = tuple[int, int, int, int]
"""lid, reading id, raw time, value"""

_ROW = struct.Struct("<HHIII")


@dataclass(frozen=True, slots=True, eq=False)  # == of arrays is an array
class Report:
    """`readings` is read-only, in file order, of dtype READING.

    `given_us`: UTC microseconds per reading as the sender gave them (int64), NOT_GIVEN where it
    gave none; None for formats that cannot carry a UTC. `flaws`: a Flaw per reading; None: all
    readings can be stored.
    """

    header: Header
    readings: npt.NDArray[np.void]
    given_us: npt.NDArray[np.int64] | None
    events: tuple[Event, ...]
    flaws: npt.NDArray[np.uint8] | None = None


def rows_of(readings: npt.NDArray[np.void]) -> list[Row]:
    """Return the readings as plain numbers, as the encoders take them."""
    columns = (readings[name].tolist() for name in ("lid", "reading_id", "raw_time", "value"))
    return list(zip(*columns, strict=True))


def as_word(value: int) -> int:
    """Return the raw word of a value: two's complement of a negative one, others unchanged."""
    return value + 2**32 if -(2**31) <= value < 0 else value


def pack_rows(rows: Sequence[Row]) -> bytes:
    """Encode readings as the binary formats have them."""
    return b"".join([_pack_row(index, row) for index, row in enumerate(rows)])


def _pack_row(index: int, row: Row) -> bytes:
    lid, reading_id, raw_time, value = row
    try:
        return _ROW.pack(lid, 0, reading_id, raw_time, as_word(value))
    except struct.error as exc:
        message = f"A reading is 16 bits of stream and 32 of id, time and value, which {row} is not"
        raise FormatError("out-of-range", message, field=f"readings[{index}]") from exc


def check_bits(bits: int, **fields: int) -> None:
    """Raises FormatError for header numbers that do not fit into so many bits."""
    for name, number in fields.items():
        if not 0 <= number < 2**bits:
            raise FormatError("out-of-range", f"{number} does not fit into {bits} bits", field=name)
