"""Pages, ranges, merged streams, counts and events: all ways of reading return the same rows."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

import pytest
from pytest_django import DjangoAssertNumQueries

from server.apps.devices.models import Device
from server.apps.streams.selectors.readings import (
    PageRequest,
    count_of_readings,
    page_of_readings,
    paged_readings,
)
from server.apps.streams.services.partitions import make_partitions
from server.apps.streams.store.reads import Reading, events_of_streams, readings_of_stream
from server.apps.streams.tests.batches import STREAM, Point, keep
from server.apps.streams.tests.written import NOON, Sender, event
from server.core.errors import NotFound

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

MINUTE = timedelta(minutes=1)
OTHER = STREAM + 1


class Keyed(NamedTuple):
    """All that selectors need of a stream."""

    key: int


def at(minute: float) -> datetime:
    return NOON + minute * MINUTE


def keep_minutes(minutes: Sequence[int], *, stream: int = STREAM, first_id: int = 1) -> None:
    keep(*[Point(at(m), float(m), reading_id=first_id + n, stream=stream) for n, m in enumerate(minutes)])


def values(readings: Sequence[Reading]) -> list[float | None]:
    return [reading.value for reading in readings]


def page(
    *,
    streams: Sequence[int] = (STREAM,),
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 1000,
    offset: int = 0,
    newest: bool = False,
) -> list[float | None]:
    keyed = [Keyed(key) for key in streams]
    return values(page_of_readings(keyed, start=start, end=end, limit=limit, offset=offset, newest=newest))


def test_readings_come_by_time_and_not_by_id() -> None:
    keep(Point(at(2), 2.0, reading_id=1), Point(at(0), 0.0, reading_id=3), Point(at(1), 1.0, reading_id=2))

    assert page() == [0.0, 1.0, 2.0]


def test_at_the_same_moment_the_id_decides() -> None:
    keep(*[Point(NOON, float(reading_id), reading_id=reading_id) for reading_id in (9, 2, 2**33, 10, 1)])

    assert page() == [1.0, 2.0, 9.0, 10.0, float(2**33)]


def test_pages_follow_each_other_without_gap_and_overlap() -> None:
    keep(*[Point(at(n // 3), float(n), reading_id=n) for n in range(1, 26)])

    pages = [page(limit=7, offset=offset) for offset in range(0, 28, 7)]

    assert [len(p) for p in pages] == [7, 7, 7, 4]
    assert list(chain.from_iterable(pages)) == page()


def test_the_newest_are_the_last_ones_in_ascending_order() -> None:
    keep_minutes(range(10))

    assert page(limit=3, newest=True) == [7.0, 8.0, 9.0]
    assert page(limit=3, offset=2, newest=True) == [5.0, 6.0, 7.0]


def test_the_start_is_in_the_range_and_the_end_is_not() -> None:
    keep_minutes(range(10))

    assert page(start=at(3), end=at(6)) == [3.0, 4.0, 5.0]
    assert page(start=at(8)) == [8.0, 9.0]
    assert page(end=at(2)) == [0.0, 1.0]
    assert page(start=at(3), end=at(6), limit=2, newest=True) == [4.0, 5.0]


@pytest.mark.parametrize("newest", [True, False])
def test_an_empty_range_is_empty(newest: bool) -> None:
    keep_minutes(range(3))

    assert page(start=at(50), newest=newest) == []
    assert page(start=at(2), end=at(1), newest=newest) == []
    assert page(streams=[OTHER], newest=newest) == []
    assert page(streams=[], newest=newest) == []


def test_several_streams_are_merged_by_time() -> None:
    keep_minutes([0, 2, 4, 6])
    keep_minutes([1, 3, 5, 7], stream=OTHER)

    assert page(streams=[OTHER, STREAM]) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_pages_of_several_streams_are_parts_of_one_order() -> None:
    keep_minutes(range(0, 40, 2))
    keep_minutes(range(0, 40, 3), stream=OTHER)
    whole = page(streams=[STREAM, OTHER])

    pages = [page(streams=[STREAM, OTHER], limit=5, offset=offset) for offset in range(0, 40, 5)]
    newest = page(streams=[STREAM, OTHER], limit=5, newest=True)

    assert list(chain.from_iterable(pages)) == whole
    assert newest == whole[-5:]


def test_readings_with_the_same_time_and_id_stand_in_one_order_from_both_ends() -> None:
    for stream in (OTHER, STREAM):
        keep(Point(NOON, float(stream), reading_id=1, stream=stream))

    expected = [float(STREAM), float(OTHER)]
    assert page(streams=[OTHER, STREAM]) == page(streams=[OTHER, STREAM], newest=True) == expected


def test_a_range_of_several_streams_is_a_range_of_each() -> None:
    keep_minutes(range(10))
    keep_minutes(range(10), stream=OTHER)

    assert page(streams=[STREAM, OTHER], start=at(4), end=at(6)) == [4.0, 4.0, 5.0, 5.0]


def test_a_stream_that_is_asked_for_beside_an_empty_one_is_whole() -> None:
    keep_minutes(range(3))

    assert page(streams=[STREAM, 999]) == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("streams", [[STREAM], [STREAM, OTHER]])
def test_pages_deep_in_a_long_stream_are_the_same_as_by_counting(streams: list[int]) -> None:
    """From a certain offset on, the start is found by the hours."""
    keep(*[Point(at(n / 2), float(n), reading_id=n + 1, stream=STREAM + n % 2) for n in range(6000)])
    whole = page(streams=streams, limit=10_000)

    for offset in (1999, 2000, 2001, 2345, 2990):
        assert page(streams=streams, limit=7, offset=offset) == whole[offset : offset + 7]
        assert (
            page(streams=streams, limit=7, offset=offset, end=at(2500))
            == (page(streams=streams, limit=10_000, end=at(2500))[offset : offset + 7])
        )


def test_deep_pages_are_right_where_readings_have_no_value() -> None:
    """The hours do not count those."""
    keep(*[Point(at(n), None if n % 10 == 0 else float(n), reading_id=n + 1) for n in range(3000)])

    deep = readings_of_stream(STREAM, limit=5, offset=2500)

    assert [reading.reading_id for reading in deep] == [2501, 2502, 2503, 2504, 2505]


def test_deep_pages_past_the_end_are_empty() -> None:
    keep_minutes(range(10))

    assert page(offset=5000) == page(offset=5000, streams=[STREAM, OTHER]) == []


def test_pages_are_the_same_whatever_the_partitions() -> None:
    keep(*[Point(NOON + n * timedelta(days=11), float(n), reading_id=n + 1) for n in range(30)])
    before = page()

    make_partitions(now=NOON + timedelta(days=150))

    assert page() == before
    assert page(limit=4, newest=True) == before[-4:]
    assert page(streams=[STREAM, OTHER], limit=4, offset=9) == before[9:13]


def test_counts_are_those_of_the_range() -> None:
    keep_minutes(range(10))
    keep_minutes(range(4), stream=OTHER)

    def count(*streams: int, start: datetime | None = None, end: datetime | None = None) -> int:
        return count_of_readings([Keyed(s) for s in streams], start=start, end=end)

    assert count(STREAM) == 10
    assert count(STREAM, OTHER) == 14
    assert count(STREAM, OTHER, start=at(2), end=at(5)) == 5
    assert count(STREAM, start=at(9)) == 1
    assert (count(999), count()) == (0, 0)


@pytest.mark.parametrize("reads", [lambda: page(), lambda: page(streams=[STREAM, OTHER])])
def test_a_page_costs_one_query(
    reads: Callable[[], object], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keep_minutes(range(10))

    with django_assert_num_queries(1, using="streamdata"):
        reads()


# Windows: the pages of the API


def window(
    *, lastn: int | None = None, number: int = 1, size: int = 4, streams: Sequence[int] = (STREAM,)
) -> tuple[list[float | None], int]:
    asked = PageRequest(start=None, end=None, lastn=lastn, page=number, page_size=size)
    rows, total = paged_readings([Keyed(key) for key in streams], asked)
    return values(rows), total


def test_a_window_says_how_many_there_are_in_all() -> None:
    keep_minutes(range(10))

    assert window() == ([0.0, 1.0, 2.0, 3.0], 10)
    assert window(number=3) == ([8.0, 9.0], 10)


def test_the_last_n_are_paged_in_ascending_order() -> None:
    keep_minutes(range(10))

    assert window(lastn=6) == ([4.0, 5.0, 6.0, 7.0], 6)
    assert window(lastn=6, number=2) == ([8.0, 9.0], 6)
    assert window(lastn=3) == ([7.0, 8.0, 9.0], 3)
    assert window(lastn=100, number=3) == ([8.0, 9.0], 10)


def test_a_page_past_the_end_is_not_there() -> None:
    keep_minutes(range(8))

    for lastn in (None, 5):
        with pytest.raises(NotFound):
            window(number=3, lastn=lastn)


def test_the_first_page_of_nothing_is_empty() -> None:
    assert window() == window(lastn=5) == window(streams=[]) == ([], 0)


# Events


def test_events_come_by_time_and_keep_what_they_hold(device: Device) -> None:
    Sender(device).send(events=[event(5, summary=1), event(6, summary=2, large=True)])
    [stream] = device.streams.all()

    events = events_of_streams([stream.key], limit=9)

    assert [(e.reading_id, e.extra_data, e.object_key) for e in events] == [
        (5, {"n": 1}, None),
        (6, {"n": 2}, "events/6"),
    ]
    assert [e.reading_id for e in events_of_streams([stream.key], limit=1, newest=True)] == [6]
    assert events_of_streams([stream.key], limit=9, start=NOON + MINUTE) == []
