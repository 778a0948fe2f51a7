"""Readings as arrays, and as the bytes of PostgreSQL's binary COPY."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.lib.formats import NO_TIME
from server.lib.units import LARGEST

COPY_COLUMNS: Final = "(ts, seq, value, int_value, device_ts, stream_key, status, kind)"
_COPY_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER: Final = b"\xff\xff"
POSTGRES_EPOCH_US: Final = 946_684_800_000_000  # 2000-01-01, where PostgreSQL counts from
SUMMABLE: Final = f"value BETWEEN -{LARGEST!r} AND {LARGEST!r}"
"""SQL: whether a value counts in sums. Larger ones were accepted before there was a bound."""
_VALUE: Final = 1  # bits: which columns of a row are missing
_DEVICE_TS: Final = 2
_WORD: Final = 4


class Kind(IntEnum):
    """What the value of a reading is; `code` is the API's `type`."""

    NUM = 0
    ITR = 1
    PACKET_BEGIN = 2
    PACKET = 3
    PACKET_END = 4
    EVENT_NUMBER = 5
    """The word is the id of an event that happened at the time of the reading."""

    @property
    def code(self) -> str:
        return ("Num", "ITR", "P-0", "P-1", "P-E", "Num")[self]


@dataclass(frozen=True, slots=True)
class ReadingBatch:
    """Columns of equal length. `value` is NaN where there is none, `raw_time` NO_TIME where it is
    unknown.

    `no_word`: where a value came without a raw word; None when all have one.
    """

    stream_key: NDArray[np.int32]
    ts_us: NDArray[np.int64]
    reading_id: NDArray[np.int64]
    raw_time: NDArray[np.uint32]
    int_value: NDArray[np.uint32]
    value: NDArray[np.float64]
    status: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    no_word: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.reading_id)

    def where(self, chosen: NDArray[Any]) -> "ReadingBatch":
        """Return the rows of a mask, or those of an index array in its order."""
        columns: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        rows: dict[str, Any] = {
            name: None if column is None else column[chosen] for name, column in columns.items()
        }
        return ReadingBatch(**rows)

    def followed_by(self, other: "ReadingBatch") -> "ReadingBatch":
        """Return the rows of both."""
        columns: dict[str, Any] = {
            field.name: np.concatenate([getattr(self, field.name), getattr(other, field.name)])
            for field in fields(self)
            if field.name != "no_word"
        }
        if self.no_word is None and other.no_word is None:
            return ReadingBatch(**columns)
        no_word = [
            np.zeros(len(part), dtype=np.bool_) if part.no_word is None else part.no_word
            for part in (self, other)
        ]
        return ReadingBatch(**columns, no_word=np.concatenate(no_word))

    def in_key_order(self) -> "ReadingBatch":
        """Return the rows sorted by stream, time and id, so that neighbours in the index are
        neighbours on disk."""
        return self.where(np.lexsort((self.reading_id, self.ts_us, self.stream_key)))


class EventData(NamedTuple):
    """Where the large part of an event is: in its row, in an object or in a part of one; nowhere by
    default."""

    object_key: str | None = None
    data: str | None = None
    """The document itself, as JSON."""
    object_start: int | None = None
    """Of the first byte in the object; None: the document is the whole object."""
    object_size: int | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    stream_key: int
    ts_us: int
    reading_id: int
    raw_time: int | None
    status: int
    uuid: uuid.UUID
    extra_data: Mapping[str, Any]
    object_key: str | None
    data: str | None = None
    object_start: int | None = None
    object_size: int | None = None


def no_readings() -> ReadingBatch:
    return ReadingBatch(
        stream_key=np.empty(0, dtype=np.int32),
        ts_us=np.empty(0, dtype=np.int64),
        reading_id=np.empty(0, dtype=np.int64),
        raw_time=np.empty(0, dtype=np.uint32),
        int_value=np.empty(0, dtype=np.uint32),
        value=np.empty(0, dtype=np.float64),
        status=np.empty(0, dtype=np.uint8),
        kind=np.empty(0, dtype=np.uint8),
    )


def copy_bytes(batch: ReadingBatch) -> bytes:
    """Return the whole COPY stream. Rows with the same columns missing have the same size, so each
    such group is one array."""
    missing = np.isnan(batch.value) * _VALUE + (batch.raw_time == NO_TIME) * _DEVICE_TS
    if batch.no_word is not None:
        missing += batch.no_word * _WORD
    if not missing.any():
        return _COPY_SIGNATURE + _tuples(batch, missing=0) + _COPY_TRAILER
    groups = [_tuples(batch.where(missing == group), missing=group) for group in np.unique(missing).tolist()]
    return _COPY_SIGNATURE + b"".join(groups) + _COPY_TRAILER


def _tuples(batch: ReadingBatch, *, missing: int) -> bytes:
    """Encode rows: an int16 with the number of fields, then each field as int32 length and bytes;
    length -1 is NULL."""
    columns: list[tuple[str, str, NDArray[Any] | None]] = [
        ("ts", ">i8", batch.ts_us - POSTGRES_EPOCH_US),
        ("seq", ">i8", batch.reading_id),
        ("value", ">f8", None if missing & _VALUE else batch.value),
        ("int_value", ">i4", None if missing & _WORD else batch.int_value.astype(np.uint32).view(np.int32)),
        (
            "device_ts",
            ">i4",
            None if missing & _DEVICE_TS else batch.raw_time.astype(np.uint32).view(np.int32),
        ),
        ("stream_key", ">i4", batch.stream_key),
        ("status", ">i2", batch.status),
        ("kind", ">i2", batch.kind),
    ]
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind, column in columns:
        layout.append((f"{name}_length", ">i4"))
        if column is not None:
            layout.append((name, kind))
    rows = np.empty(len(batch), dtype=layout)
    rows["fields"] = len(columns)
    for name, kind, column in columns:
        rows[f"{name}_length"] = -1 if column is None else np.dtype(kind).itemsize
        if column is not None:
            rows[name] = column
    return rows.tobytes()
