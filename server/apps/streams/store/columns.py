"""Any number of readings as arrays, for files, where an object per row would cost more than the
query."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from server.apps.streams.store.batch import ReadingBatch
from server.apps.streams.store.connection import reading_cursor
from server.apps.streams.store.fetching import fetch_readings
from server.apps.streams.store.row_queries import Position, RowQuery, statement_of
from server.lib.instants import instant_of

_CHUNK: Final = 20_000


def all_batches_of(query: RowQuery, *, chunk: int = _CHUNK) -> Iterator[ReadingBatch]:
    """Yield readings by time, id and stream, in chunks, each with a query of its own: see
    `all_readings_of`."""
    query = replace(query, limit=chunk, offset=0)
    while query.ranges:
        statement, parameters = statement_of("reading", "*", query)
        with reading_cursor() as cursor:
            batch = fetch_readings(cursor, f"FROM ({statement}) AS selected", parameters)
        if len(batch):
            yield batch
        if len(batch) < chunk:
            return
        query = replace(query, after=_position_after(batch, query.after))


def _position_after(batch: ReadingBatch, before: Position | None) -> Position:
    """Return the position after the last of these readings."""
    last_us, last_id, last_key = batch.ts_us[-1], batch.reading_id[-1], batch.stream_key[-1]
    alike = (batch.ts_us == last_us) & (batch.reading_id == last_id) & (batch.stream_key == last_key)
    count = int(np.count_nonzero(alike))
    place = Position(instant_of(int(last_us)), int(last_id), int(last_key), skip=count)
    if before is not None and count == len(batch) and before[:3] == place[:3]:
        return place._replace(skip=count + before.skip)
    return place
