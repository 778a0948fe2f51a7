"""Reads many readings at once by PostgreSQL's binary COPY into arrays, without a Python object per
row."""

import io
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from django.db.backends.utils import CursorWrapper

from server.apps.streams.store.batch import POSTGRES_EPOCH_US, ReadingBatch, no_readings
from server.lib.formats import NO_TIME

_HEADER: Final = 19  # signature, flags, length of the extension
_TRAILER: Final = 2
_NO_WORD: Final = "int_value IS NULL"
_FIELDS: Final = (
    ("ts", "ts", ">i8"),
    ("seq", "seq", ">i8"),
    ("value", "coalesce(value, 'NaN')", ">f8"),
    ("int_value", "coalesce(int_value, 0)", ">u4"),
    ("device_ts", f"coalesce(device_ts, {NO_TIME - 2**32})", ">u4"),
    ("stream_key", "stream_key", ">i4"),
    ("status", "status", ">i2"),
    ("kind", "kind", ">i2"),
    ("no_word", _NO_WORD, "?"),
)
_COLUMNS: Final = ", ".join(sql for _, sql, _ in _FIELDS)


def fetch_readings(cursor: CursorWrapper, rest: str, parameters: Sequence[Any]) -> ReadingBatch:
    """Run a query. `rest`: the statement from FROM on, with a table or subquery that has all
    columns of `reading`."""
    sql = cursor.mogrify(f"SELECT {_COLUMNS} {rest}", list(parameters)).decode()
    out = io.BytesIO()
    with cursor.db.wrap_database_errors:  # which Django does for `execute` only
        cursor.copy_expert(f"COPY ({sql}) TO STDOUT (FORMAT binary)", out)
    rows = np.frombuffer(out.getbuffer()[_HEADER:-_TRAILER], dtype=_layout())
    if not len(rows):
        return no_readings()
    no_word = rows["no_word"].copy()
    return ReadingBatch(
        stream_key=rows["stream_key"].astype(np.int32),
        ts_us=rows["ts"].astype(np.int64) + POSTGRES_EPOCH_US,
        reading_id=rows["seq"].astype(np.int64),
        raw_time=rows["device_ts"].astype(np.uint32),
        int_value=rows["int_value"].astype(np.uint32),
        value=rows["value"].astype(np.float64),
        status=rows["status"].astype(np.uint8),
        kind=rows["kind"].astype(np.uint8),
        no_word=no_word if no_word.any() else None,
    )


def _layout() -> np.dtype[Any]:
    """Return the layout of a row: the number of fields, then length and value of each. No field is
    NULL, so all rows have one size."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, _, kind in _FIELDS:
        layout += [(f"{name}_length", ">i4"), (name, kind)]
    return np.dtype(layout)
