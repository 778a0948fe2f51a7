"""Charts: as many points as can be shown, without losing a peak; the same from readings and from
hour rollups."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from server.apps.streams.store.reads import Band, chart_band
from server.apps.streams.tests.batches import STREAM, Point, keep
from server.apps.streams.tests.written import NOON

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3600, 86400))
START = datetime(2021, 6, 1, tzinfo=UTC)


def band(length: timedelta, *, start: datetime = START, points: int = 600) -> list[Band]:
    return chart_band(STREAM, start=start, end=start + length, points=points)


def test_few_readings_are_drawn_as_they_are() -> None:
    keep(*[Point(NOON + n * MINUTE, float(n), reading_id=n) for n in range(5)])

    assert band(HOUR, start=NOON) == [Band(NOON + n * MINUTE, n, n, n, 1) for n in range(5)]


def test_many_readings_are_thinned_and_no_peak_is_lost() -> None:
    keep(*[Point(NOON + n * SECOND, 99.0 if n == 1234 else 1.0, reading_id=n) for n in range(3600)])

    drawn = band(HOUR, start=NOON, points=60)

    assert len(drawn) == 60
    assert max(b.max for b in drawn) == 99.0
    assert sum(b.n for b in drawn) == 3600


def test_a_stretch_tells_minimum_maximum_mean_and_how_many() -> None:
    keep(*[Point(NOON + n * SECOND, value, reading_id=n) for n, value in enumerate([3.0, -1.0, 4.0])])

    assert band(HOUR, start=NOON, points=1) == [Band(NOON, -1.0, 4.0, 2.0, 3)]


def test_the_start_is_in_and_the_end_is_not() -> None:
    keep(
        Point(NOON - SECOND, 1.0), Point(NOON, 2.0), Point(NOON + HOUR - SECOND, 3.0), Point(NOON + HOUR, 4.0)
    )

    assert [b.mean for b in band(HOUR, start=NOON)] == [2.0, 3.0]


def test_readings_without_value_are_not_drawn() -> None:
    keep(
        Point(NOON, None, reading_id=1),
        Point(NOON, 2.0, reading_id=2),
        Point(NOON + MINUTE, None, reading_id=3),
    )

    assert band(HOUR, start=NOON) == [Band(NOON, 2.0, 2.0, 2.0, 1)]


@pytest.mark.parametrize("length", [timedelta(0), MINUTE, HOUR, DAY, 365 * DAY])
def test_a_chart_of_nothing_is_empty(length: timedelta) -> None:
    assert band(length) == []


def test_other_streams_are_not_drawn() -> None:
    keep(Point(NOON, 1.0, stream=STREAM + 1))

    assert band(HOUR, start=NOON) == []


@pytest.mark.parametrize("points", [10, 24, 60])
def test_hours_and_readings_give_the_same_chart(points: int) -> None:
    """Five days from midnight: intervals of a quarter of an hour and more are made of hours."""
    chance = random.Random(5)
    kept = [
        Point(START + chance.randrange(5 * 86400) * SECOND, chance.uniform(-50, 50), reading_id=n)
        for n in range(2000)
    ]
    keep(*kept)

    drawn = band(5 * DAY, points=points)

    expected = by_hand(kept, 5 * DAY / points)
    assert [(b.ts, b.min, b.max, b.n) for b in drawn] == [(b.ts, b.min, b.max, b.n) for b in expected]
    assert [b.mean for b in drawn] == pytest.approx([b.mean for b in expected], rel=1e-12)


def by_hand(points: list[Point], step: timedelta) -> list[Band]:
    stretches: dict[int, list[Point]] = {}
    for point in points:
        stretches.setdefault((point.at - START) // step, []).append(point)
    made = []
    for _, inside in sorted(stretches.items()):
        values = [point.value for point in inside if point.value is not None]
        made.append(
            Band(min(p.at for p in inside), min(values), max(values), sum(values) / len(values), len(values))
        )
    return made


def test_a_chart_of_hours_begins_where_it_was_asked_to() -> None:
    """Half past ten: the first half of the hour is not part of the chart."""
    keep(
        Point(START + 10 * HOUR + 5 * MINUTE, 99.0, reading_id=1),
        Point(START + 10 * HOUR + 45 * MINUTE, 1.0, reading_id=2),
    )

    drawn = band(30 * DAY, start=START + 10 * HOUR + 30 * MINUTE)

    assert [(b.max, b.n) for b in drawn] == [(1.0, 1)]


def test_a_chart_of_hours_ends_where_it_was_asked_to() -> None:
    keep(
        Point(START + 30 * DAY - 50 * MINUTE, 1.0, reading_id=1),
        Point(START + 30 * DAY - 5 * MINUTE, 99.0, reading_id=2),
    )

    drawn = band(30 * DAY - 30 * MINUTE)

    assert [(b.max, b.n) for b in drawn] == [(1.0, 1)]


def test_points_come_in_order_of_time_and_not_many_more_than_asked() -> None:
    keep(*[Point(START + n * 10 * MINUTE, float(n), reading_id=n) for n in range(6 * 24 * 60)])

    drawn = band(60 * DAY)

    assert [b.ts for b in drawn] == sorted(b.ts for b in drawn)
    assert len(drawn) <= 601
    assert sum(b.n for b in drawn) == 6 * 24 * 60


@pytest.mark.parametrize("start", [datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, 23, 30, tzinfo=UTC)])
def test_charts_reach_to_the_ends_of_the_calendar(start: datetime) -> None:
    assert band(20 * MINUTE, start=start) == []
    assert chart_band(STREAM, start=datetime(1, 1, 2, tzinfo=UTC), end=start) == []


@pytest.mark.parametrize("length", [HOUR, 365 * DAY])
def test_a_chart_costs_one_query(
    length: timedelta, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keep(Point(START, 1.0))

    with django_assert_num_queries(1, using="streamdata"):
        band(length)
