"""Batches of readings written straight into the store."""

import math
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np

from server.apps.streams.store.batch import Kind, ReadingBatch
from server.apps.streams.store.connection import writing_cursor
from server.apps.streams.store.reports import LedgerRow, ReportWrite, lock_progress, write_report
from server.apps.streams.tests.written import NOON, us
from server.lib.formats import NO_TIME
from server.lib.timeseries import TimeStatus

STREAM: Final = 77


class Point(NamedTuple):
    """A reading. `value` None: without a value."""

    at: datetime
    value: float | None
    reading_id: int = 1
    stream: int = STREAM
    raw_time: int | None = 0


def batch_of(points: Sequence[Point]) -> ReadingBatch:
    return ReadingBatch(
        stream_key=np.array([p.stream for p in points], dtype=np.int32),
        ts_us=np.array([us(p.at) for p in points], dtype=np.int64),
        reading_id=np.array([p.reading_id for p in points], dtype=np.int64),
        raw_time=np.array([NO_TIME if p.raw_time is None else p.raw_time for p in points], dtype=np.uint32),
        int_value=np.array([p.reading_id & 0xFFFF_FFFF for p in points], dtype=np.uint32),
        value=np.array([math.nan if p.value is None else p.value for p in points], dtype=np.float64),
        status=np.full(len(points), TimeStatus.CLN, dtype=np.uint8),
        kind=np.full(len(points), Kind.NUM, dtype=np.uint8),
    )


def keep(*points: Point, streamer_key: int = 1) -> None:
    """Store the batch as one report of some streamer."""
    ledger = LedgerRow(uuid.uuid4(), len(points), len(points), 0, 0, {}, 0, 0)
    with writing_cursor() as cursor:
        progress = lock_progress(cursor, streamer_key)
        write_report(cursor, ReportWrite(streamer_key, batch_of(points), [], progress, ledger))


def noon(value: float | None, reading_id: int = 1) -> Point:
    return Point(NOON, value, reading_id)
