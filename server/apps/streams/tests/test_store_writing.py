"""Rows, hour rollups and latest values, written together: they must match however the reports
come."""

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError

from server.apps.streams.store.connection import writing_cursor
from server.apps.streams.store.reads import Latest, latest_of
from server.apps.streams.store.reports import LedgerRow, Progress, ReportWrite, write_report
from server.apps.streams.tests.batches import STREAM, Point, batch_of, keep, noon
from server.apps.streams.tests.written import NOON, rows_in
from server.core.errors import Unavailable

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LATER = NOON + timedelta(days=365)


def rollups() -> list[tuple[object, ...]]:
    return rows_in(
        "rollup_hour", "stream_key, hour, count, sum, min, max, first, last, first_ts, last_ts", "1, 2"
    )


def latest() -> Latest:
    return latest_of([STREAM], now=LATER)[STREAM]


# Rows


def test_every_mix_of_missing_columns_comes_back_as_it_went_in() -> None:
    """COPY writes rows with the same columns missing together; none may get another's."""
    keep(
        Point(NOON, 1.5, reading_id=1, raw_time=11),
        Point(NOON, None, reading_id=2, raw_time=12),
        Point(NOON, 3.5, reading_id=3, raw_time=None),
        Point(NOON, None, reading_id=4, raw_time=None),
        Point(NOON, 5.5, reading_id=5, raw_time=15),
    )

    assert rows_in("reading", "seq, value, device_ts", "seq") == [
        (1, 1.5, 11),
        (2, None, 12),
        (3, 3.5, None),
        (4, None, None),
        (5, 5.5, 15),
    ]


@pytest.mark.parametrize("value", [0.0, -0.0, 1e308, -1e308, 5e-324, 0.1])
def test_a_value_is_kept_to_the_last_bit(value: float) -> None:
    keep(noon(value))

    assert repr(rows_in("reading", "value")[0][0]) == repr(value)


@pytest.mark.parametrize("reading_id", [0, 1, 2**32 - 1, 2**40])
def test_an_id_has_room(reading_id: int) -> None:
    keep(Point(NOON, 1.0, reading_id=reading_id))

    assert rows_in("reading", "seq") == [(reading_id,)]


def test_many_rows_in_any_order_all_arrive() -> None:
    points = [
        Point(NOON + SECOND * (n // 3), float(n), reading_id=n, stream=STREAM + n % 3) for n in range(3000)
    ]
    random.Random(7).shuffle(points)

    keep(*points)

    stored = rows_in("reading", "stream_key, ts, seq, value", "1, 2, 3")
    assert stored == sorted((p.stream, p.at, p.reading_id, p.value) for p in points)


def test_all_or_nothing() -> None:
    """The ledger cannot hold such a number, which fails after the readings were copied."""
    progress = Progress()
    ledger = LedgerRow(uuid.uuid4(), 2**40, 1, 0, 0, {}, 0, 0)

    with pytest.raises(DataError), writing_cursor() as cursor:
        write_report(cursor, ReportWrite(1, batch_of([noon(1.0)]), [], progress, ledger))

    assert rows_in("reading") == rows_in("latest") == rows_in("rollup_hour") == []


# Hour rollups


def test_an_hour_is_summed_up() -> None:
    keep(
        Point(NOON, 4.0, reading_id=1),
        Point(NOON + 20 * MINUTE, -2.0, reading_id=2),
        Point(NOON + 59 * MINUTE, 1.0, reading_id=3),
    )

    assert rollups() == [(STREAM, NOON, 3, 3.0, -2.0, 4.0, 4.0, 1.0, NOON, NOON + 59 * MINUTE)]


def test_an_hour_ends_where_the_next_begins() -> None:
    keep(Point(NOON + HOUR - timedelta(microseconds=1), 1.0), Point(NOON + HOUR, 2.0))

    assert [(r[1], r[3]) for r in rollups()] == [(NOON, 1.0), (NOON + HOUR, 2.0)]


def test_a_later_report_of_the_same_hour_is_added() -> None:
    keep(Point(NOON + MINUTE, 4.0, reading_id=1))
    keep(Point(NOON + 2 * MINUTE, 6.0, reading_id=2))

    assert rollups() == [(STREAM, NOON, 2, 10.0, 4.0, 6.0, 4.0, 6.0, NOON + MINUTE, NOON + 2 * MINUTE)]


def test_a_late_reading_becomes_the_first_of_its_hour_and_not_the_last() -> None:
    keep(Point(NOON + 30 * MINUTE, 4.0, reading_id=9))
    keep(Point(NOON + 10 * MINUTE, 8.0, reading_id=2))

    [(_, _, count, total, low, high, first, last, first_ts, last_ts)] = rollups()
    assert (count, total, low, high) == (2, 12.0, 4.0, 8.0)
    assert (first, last, first_ts, last_ts) == (8.0, 4.0, NOON + 10 * MINUTE, NOON + 30 * MINUTE)


def test_a_late_reading_between_changes_neither_first_nor_last() -> None:
    keep(Point(NOON + 10 * MINUTE, 1.0, reading_id=1), Point(NOON + 50 * MINUTE, 3.0, reading_id=9))
    keep(Point(NOON + 30 * MINUTE, 2.0, reading_id=5))

    [(*_, first, last, first_ts, last_ts)] = rollups()
    assert (first, last, first_ts, last_ts) == (1.0, 3.0, NOON + 10 * MINUTE, NOON + 50 * MINUTE)


def test_readings_without_a_value_are_not_in_the_rollups() -> None:
    keep(Point(NOON, None, reading_id=1), Point(NOON, 5.0, reading_id=2))
    keep(Point(NOON + HOUR, None, reading_id=3))

    assert [(r[1], r[2], r[3]) for r in rollups()] == [(NOON, 1, 5.0)]


def test_streams_have_rollups_of_their_own() -> None:
    keep(Point(NOON, 1.0, stream=1), Point(NOON, 2.0, stream=2), Point(NOON, 3.0, stream=1, reading_id=2))

    assert [(r[0], r[2], r[3]) for r in rollups()] == [(1, 2, 4.0), (2, 1, 2.0)]


def test_reports_in_any_order_give_the_rollups_of_all_their_readings() -> None:
    chance = random.Random(11)
    points = [
        Point(
            NOON + chance.randrange(5 * 3600) * SECOND,
            float(chance.randrange(100)),
            reading_id=n,
            stream=chance.choice([1, 2]),
        )
        for n in range(400)
    ]
    for start in range(0, 400, 16):
        keep(*points[start : start + 16])

    assert [(r[0], r[1], r[2], r[3], r[4], r[5], r[8], r[9]) for r in rollups()] == rollups_by_hand(points)


def rollups_by_hand(points: list[Point]) -> list[tuple[object, ...]]:
    hours: dict[tuple[int, datetime], list[Point]] = {}
    for point in points:
        hours.setdefault((point.stream, point.at.replace(minute=0, second=0)), []).append(point)
    return [
        (
            stream,
            hour,
            len(of),
            sum(values(of)),
            min(values(of)),
            max(values(of)),
            min(times(of)),
            max(times(of)),
        )
        for (stream, hour), of in sorted(hours.items())
    ]


def values(points: list[Point]) -> list[float]:
    return [point.value for point in points if point.value is not None]


def times(points: list[Point]) -> list[datetime]:
    return [point.at for point in points]


@pytest.mark.parametrize("year", [1, 9999])
def test_hours_reach_to_the_ends_of_the_calendar(year: int) -> None:
    extreme = datetime(year, 1 if year == 1 else 12, 2, 5, 30, tzinfo=UTC)

    keep(Point(extreme, 1.0))

    assert rollups()[0][1] == extreme.replace(minute=0)


# Latest values


def test_the_latest_is_the_newest_by_time() -> None:
    keep(Point(NOON + MINUTE, 2.0, reading_id=1), Point(NOON, 1.0, reading_id=2))

    assert (latest().ts, latest().value, latest().reading_id) == (NOON + MINUTE, 2.0, 1)


def test_of_two_at_the_same_moment_the_higher_id_is_the_latest() -> None:
    keep(Point(NOON, 1.0, reading_id=8))
    keep(Point(NOON, 2.0, reading_id=9))
    keep(Point(NOON, 3.0, reading_id=7))

    assert (latest().reading_id, latest().value) == (9, 2.0)


def test_the_latest_never_goes_back_in_time() -> None:
    keep(Point(NOON + HOUR, 2.0, reading_id=9))
    keep(Point(NOON, 1.0, reading_id=10))

    assert (latest().ts, latest().value, latest().reading_id) == (NOON + HOUR, 2.0, 9)


def test_the_first_time_does_go_back() -> None:
    keep(Point(NOON, 1.0, reading_id=2))
    keep(Point(NOON - HOUR, 1.0, reading_id=1))

    assert latest().first_ts == NOON - HOUR


def test_the_count_is_that_of_all_readings_with_and_without_value() -> None:
    keep(Point(NOON, 1.0, reading_id=1), Point(NOON, None, reading_id=2))
    keep(Point(NOON + MINUTE, 1.0, reading_id=3))

    assert latest().count == 3


def test_a_latest_reading_without_a_value_says_so() -> None:
    keep(Point(NOON, 1.0, reading_id=1))
    keep(Point(NOON + MINUTE, None, reading_id=2))

    assert (latest().value, latest().int_value, latest().reading_id) == (None, 2, 2)


def test_the_latest_word_is_unsigned() -> None:
    keep(Point(NOON, 1.0, reading_id=2**32 - 1))

    assert latest().int_value == 2**32 - 1


def test_a_stream_without_readings_has_no_latest() -> None:
    assert latest_of([STREAM], now=LATER) == {}


# When the database does not answer


def test_a_statement_that_is_cut_off_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        wait_too_long()


def wait_too_long() -> None:
    with writing_cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1ms'")
        cursor.execute("SELECT pg_sleep(1)")
