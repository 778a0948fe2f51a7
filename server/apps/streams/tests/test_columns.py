"""Readings as arrays: the same as one by one, whatever the size of chunks."""

import math
from datetime import timedelta

import pytest

from server.apps.streams.store.columns import all_batches_of
from server.apps.streams.store.row_queries import RowQuery, StreamTimeRange, all_readings_of
from server.apps.streams.tests.batches import STREAM, Point, keep
from server.apps.streams.tests.written import NOON, us

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

OTHER = STREAM + 1
POINTS = [
    *(Point(NOON + timedelta(seconds=n), n / 3, reading_id=n) for n in range(1, 6)),
    *(Point(NOON + timedelta(seconds=9), float(n), reading_id=0) for n in range(7)),  # equal in every column
    Point(NOON + timedelta(seconds=10, microseconds=5), None, reading_id=11),
    Point(NOON + timedelta(seconds=11), 1e300, reading_id=12, stream=OTHER),
    Point(NOON - timedelta(days=40_000), -1.5, reading_id=13, stream=OTHER),
]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("streams", [[STREAM], [STREAM, OTHER], []])
def test_every_reading_comes_once_and_in_order(chunk: int, streams: list[int]) -> None:
    keep(*POINTS)
    query = RowQuery([StreamTimeRange(stream) for stream in streams])

    chunks = list(all_batches_of(query, chunk=chunk))

    found = [pair for each in chunks for pair in zip(each.ts_us.tolist(), each.value.tolist(), strict=True)]
    one_by_one = [reading for readings in all_readings_of(query) for reading in readings]
    expected = [(us(r.ts), math.nan if r.value is None else r.value) for r in one_by_one]
    assert list(map(repr, found)) == list(map(repr, expected))
    assert all(len(each.ts_us) <= chunk for each in chunks)


def test_bounds_hold() -> None:
    keep(*POINTS)
    query = RowQuery([StreamTimeRange(STREAM, NOON + timedelta(seconds=2), NOON + timedelta(seconds=4))])

    [batch] = all_batches_of(query)

    assert batch.value.tolist() == [2 / 3, 1.0]
