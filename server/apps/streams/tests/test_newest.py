"""Which reading is a stream's newest when clocks are wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from server.apps.streams.store.newest import newest_ends, newest_places
from server.apps.streams.store.reads import latest_of
from server.apps.streams.tests.batches import STREAM, Point, keep
from server.apps.streams.tests.recounted import assert_all_agrees
from server.apps.streams.tests.written import NOON

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def newest_value() -> float | None:
    return latest_of([STREAM], now=NOON)[STREAM].value


def test_one_reading_of_2099_is_not_the_latest_for_decades() -> None:
    keep(Point(FAR, 99.0, reading_id=1))
    keep(Point(NOON - 2 * HOUR, 22.0, reading_id=2), Point(NOON - HOUR, 23.0, reading_id=3))

    assert newest_value() == 23.0


def test_not_even_if_it_is_the_last_one_that_was_received() -> None:
    keep(Point(NOON - HOUR, 23.0, reading_id=3), Point(FAR, 99.0, reading_id=4))

    assert newest_value() == 23.0


def test_the_time_of_the_latest_is_of_the_same_reading() -> None:
    keep(Point(NOON - 3 * HOUR, 1.0, reading_id=1), Point(NOON - HOUR, None, reading_id=3), Point(FAR, 99.0))

    latest = latest_of([STREAM], now=NOON)[STREAM]

    assert (latest.ts, latest.reading_id, latest.value) == (NOON - HOUR, 3, None)
    assert (latest.first_ts, latest.count) == (NOON - 3 * HOUR, 3)


def test_a_clock_that_is_ahead_by_hours_loses_to_a_higher_id() -> None:
    keep(Point(NOON + 6 * HOUR, 99.0, reading_id=4), Point(NOON - HOUR, 23.0, reading_id=5))

    assert newest_value() == 23.0


def test_a_clock_that_is_ahead_by_hours_is_newest_with_the_highest_id() -> None:
    keep(Point(NOON - HOUR, 23.0, reading_id=5), Point(NOON + 6 * HOUR, 24.0, reading_id=6))

    assert newest_value() == 24.0


def test_without_ids_the_time_decides_up_to_a_day_ahead() -> None:
    keep(Point(NOON, 1.0, reading_id=0), Point(NOON + DAY, 2.0, reading_id=0), Point(FAR, 3.0, reading_id=0))

    assert newest_value() == 2.0


def test_a_stream_that_is_all_in_the_future_shows_its_last_reading_by_id() -> None:
    keep(Point(FAR, 1.0, reading_id=1), Point(FAR - DAY, 2.0, reading_id=2))

    assert newest_value() == 2.0


def test_a_clock_that_stays_wrong_does_not_stop_the_latest_value() -> None:
    keep(Point(NOON - DAY, 0.0, reading_id=1))
    keep(*[Point(FAR + n * HOUR, float(n), reading_id=n) for n in range(2, 12)])

    assert newest_value() == 11.0


def test_a_few_readings_of_a_wrong_clock_do_not_count() -> None:
    keep(Point(NOON - DAY, 0.0, reading_id=1))
    keep(*[Point(FAR + n * HOUR, float(n), reading_id=n) for n in range(2, 11)])

    assert newest_value() == 0.0


def test_the_future_becomes_the_latest_when_its_time_comes() -> None:
    keep(Point(NOON, 1.0, reading_id=2), Point(NOON + 3 * DAY, 2.0, reading_id=1))

    assert newest_value() == 1.0
    assert latest_of([STREAM], now=NOON + 3 * DAY)[STREAM].value == 2.0


def test_only_streams_ahead_of_now_end_before_their_last_row() -> None:
    keep(Point(NOON, 1.0, stream=STREAM + 1), Point(NOON, 1.0, reading_id=2), Point(FAR, 99.0))

    ends = newest_ends("reading", [STREAM, STREAM + 1, STREAM + 2], now=NOON)

    assert ends == {STREAM: NOON + timedelta(microseconds=1)}
    assert newest_places("reading", [STREAM + 2], now=NOON) == {}


def test_what_is_stored_agrees_with_the_readings() -> None:
    keep(Point(FAR, 99.0, reading_id=1))
    keep(Point(NOON, 22.0, reading_id=2))

    assert_all_agrees()


def test_a_stream_with_a_right_clock_costs_one_query() -> None:
    keep(Point(NOON - HOUR, 1.0))

    with CaptureQueriesContext(connections["streamdata"]) as queries:
        latest_of([STREAM], now=NOON)

    assert len(queries) == 1
