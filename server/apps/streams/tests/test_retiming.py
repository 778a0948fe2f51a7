"""Rows that move to other times: their hours and the latest values match them afterwards."""

import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from server.apps.streams.services.partitions import make_partitions
from server.apps.streams.store.batch import EventRow, ReadingBatch
from server.apps.streams.store.connection import reading_cursor, writing_cursor
from server.apps.streams.store.events import event_of_uuid
from server.apps.streams.store.reads import latest_of
from server.apps.streams.store.reports import insert_events, write_rows
from server.apps.streams.store.retiming import Retiming, events_between, retime, retime_events, rows_between
from server.apps.streams.tests.batches import STREAM, Point, keep
from server.apps.streams.tests.recounted import assert_all_agrees, everything_stored
from server.apps.streams.tests.written import NOON, rows_in, us
from server.lib.timeseries import TimeStatus

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def moves(*changes: tuple[Point, datetime]) -> Retiming:
    """Return moves to status UTC, which no point of these tests has."""
    return Retiming(
        stream_key=np.array([point.stream for point, _ in changes], dtype=np.int32),
        reading_id=np.array([point.reading_id for point, _ in changes], dtype=np.int64),
        old_us=np.array([us(point.at) for point, _ in changes], dtype=np.int64),
        new_us=np.array([us(to) for _, to in changes], dtype=np.int64),
        status=np.full(len(changes), TimeStatus.UTC, dtype=np.uint8),
    )


def move(*changes: tuple[Point, datetime]) -> int:
    with writing_cursor() as cursor:
        return retime(cursor, moves(*changes))


def between(first_id: int, last_id: int, within: tuple[int, int] | None = None) -> ReadingBatch:
    with reading_cursor() as cursor:
        return rows_between(cursor, [STREAM, STREAM + 1], first_id=first_id, last_id=last_id, within=within)


def table_of(reading_id: int) -> str:
    [(table,)] = rows_in(f"reading WHERE seq = {reading_id}", "tableoid::regclass::text")
    return str(table)


def kept(count: int, *, every: timedelta = SECOND) -> list[Point]:
    points = [Point(NOON + every * n, float(n % 1000), reading_id=n + 1) for n in range(count)]
    keep(*points)
    return points


# Reading by id


def test_rows_come_by_their_ids_both_ends_included() -> None:
    kept(10)

    assert between(3, 5).reading_id.tolist() == [3, 4, 5]


def test_rows_come_in_the_order_of_ids_whatever_their_times() -> None:
    keep(
        Point(NOON, 1.0, reading_id=3),
        Point(NOON + HOUR, 1.0, reading_id=1),
        Point(NOON - HOUR, 1.0, reading_id=2),
    )

    assert between(1, 3).reading_id.tolist() == [1, 2, 3]


def test_rows_of_other_streams_do_not_come() -> None:
    keep(Point(NOON, 1.0, reading_id=1), Point(NOON, 1.0, reading_id=2, stream=STREAM + 9))

    assert between(1, 9).reading_id.tolist() == [1]


def test_a_window_of_time_narrows() -> None:
    kept(10)

    found = between(1, 99, within=(us(NOON + 2 * SECOND), us(NOON + 4 * SECOND)))

    assert found.reading_id.tolist() == [3, 4, 5]


def test_nothing_found_is_an_empty_batch() -> None:
    assert len(between(1, 99)) == 0


@pytest.mark.parametrize("value", [1.5, -0.0, 5e-324, 1e308, None])
@pytest.mark.parametrize("raw_time", [0, 0x8000_0001, None])
def test_a_row_that_was_read_and_written_again_is_the_same(value: float | None, raw_time: int | None) -> None:
    keep(Point(NOON, value, reading_id=2**31 + 5, raw_time=raw_time))
    before = rows_in("reading")
    found = between(1, 2**40)

    with writing_cursor() as cursor:
        cursor.execute("DELETE FROM reading; DELETE FROM rollup_hour; DELETE FROM latest")
        write_rows(cursor, found)

    assert repr(rows_in("reading")) == repr(before)


def test_a_row_without_a_word_stays_without_one() -> None:
    keep(Point(NOON, 1.5, reading_id=1), Point(NOON, 1.5, reading_id=2))
    with writing_cursor() as cursor:
        cursor.execute("UPDATE reading SET int_value = NULL WHERE seq = 2")

    no_word = between(1, 2).no_word

    assert no_word is not None
    assert no_word.tolist() == [False, True]


# Moving


def test_a_row_gets_its_new_time_and_status() -> None:
    [point, _] = kept(2)

    assert move((point, NOON + HOUR)) == 1

    assert rows_in("reading", "seq, ts, status", "1") == [
        (1, NOON + HOUR, TimeStatus.UTC),
        (2, NOON + SECOND, TimeStatus.CLN),
    ]
    assert_all_agrees()


@pytest.mark.parametrize(
    ("to", "table"),
    [
        (NOON + 20 * DAY, "reading_2021_06"),
        (NOON + 40 * DAY, "reading_2021_07"),
        (NOON - 400 * DAY, "reading_2020_04"),
        (FAR, "reading_default"),
        (datetime(1, 1, 3, tzinfo=UTC), "reading_default"),
    ],
)
def test_a_row_moves_to_the_table_of_its_month(to: datetime, table: str) -> None:
    make_partitions(now=NOON)
    points = kept(3)

    assert move((points[1], to)) == 1

    assert [table_of(n) for n in (1, 2, 3)] == ["reading_2021_06", table, "reading_2021_06"]
    assert_all_agrees()


def test_a_row_comes_back_out_of_the_default_table() -> None:
    make_partitions(now=NOON)
    keep(Point(FAR, 5.0, reading_id=1), Point(NOON, 6.0, reading_id=2))

    assert move((Point(FAR, 5.0, reading_id=1), NOON + HOUR)) == 1

    assert table_of(1) == "reading_2021_06"
    assert_all_agrees()


def test_rows_may_change_places() -> None:
    first, second = kept(2, every=HOUR)

    assert move((first, second.at), (second, first.at)) == 2

    assert rows_in("reading", "seq, ts", "1") == [(1, second.at), (2, first.at)]
    assert_all_agrees()


def test_rows_without_values_move_too() -> None:
    bare = Point(NOON, None, reading_id=1)
    keep(bare, Point(NOON, 2.0, reading_id=2))

    assert move((bare, NOON + DAY)) == 1

    assert_all_agrees()


def test_a_row_that_is_not_there_any_more_is_not_made() -> None:
    [point] = kept(1)
    before = everything_stored()

    assert move((point._replace(at=NOON + DAY), NOON)) == 0
    assert move((point._replace(reading_id=2), NOON + DAY)) == 0
    assert move((point._replace(stream=STREAM + 1), NOON + DAY)) == 0

    assert everything_stored() == before


def test_nothing_to_move_is_no_statement() -> None:
    with writing_cursor() as cursor, CaptureQueriesContext(connections["streamdata"]) as queries:
        assert retime(cursor, moves()) == 0

    assert len(queries) == 0


def test_moved_twice_is_moved_once() -> None:
    [point] = kept(1)

    assert [move((point, NOON + DAY)), move((point, NOON + DAY))] == [1, 0]


def test_the_newest_reading_that_becomes_the_oldest_leaves_its_place() -> None:
    points = kept(3)

    move((points[2], NOON - DAY))

    latest = latest_of([STREAM], now=FAR)[STREAM]
    assert (latest.reading_id, latest.first_ts, latest.count) == (2, NOON - DAY, 3)


@pytest.mark.parametrize("seed", range(5))
def test_hours_and_latest_agree_with_the_readings_after_any_moves(seed: int) -> None:
    make_partitions(now=NOON)
    rng = random.Random(seed)
    points = [
        Point(
            _any_time(rng), rng.choice([None, float(rng.randint(-9, 9))]), reading_id=n, stream=STREAM + n % 3
        )
        for n in range(1, 120)
    ]
    keep(*points)

    assert move(*[(point, _any_time(rng)) for point in rng.sample(points, 50)]) == 50

    assert_all_agrees()


def _any_time(rng: random.Random) -> datetime:
    return rng.choice([NOON, NOON + 30 * DAY, FAR]) + timedelta(seconds=rng.randrange(20_000))


def test_weak_point_37_ten_thousand_rows_need_few_statements() -> None:
    make_partitions(now=NOON)
    points = kept(10_000, every=10 * SECOND)

    with writing_cursor() as cursor, CaptureQueriesContext(connections["streamdata"]) as queries:
        moved = retime(cursor, moves(*[(point, point.at + 40 * DAY) for point in points]))

    assert moved == 10_000
    assert len(queries) <= 5
    assert_all_agrees()


# Events


def kept_events(*times: datetime) -> list[uuid.UUID]:
    rows = [
        EventRow(STREAM, us(at), n, n, int(TimeStatus.CLN), uuid.uuid4(), {"n": n}, None)
        for n, at in enumerate(times, start=1)
    ]
    with writing_cursor() as cursor:
        insert_events(cursor, rows)
    return [row.uuid for row in rows]


def events(first_id: int, last_id: int) -> Sequence[EventRow]:
    with reading_cursor() as cursor:
        return events_between(cursor, [STREAM], first_id=first_id, last_id=last_id)


def test_events_come_by_their_ids() -> None:
    ids = kept_events(NOON + DAY, NOON, NOON + HOUR)

    assert [event.uuid for event in events(2, 3)] == ids[1:]
    assert events(1, 1)[0] == EventRow(
        STREAM, us(NOON + DAY), 1, 1, int(TimeStatus.CLN), ids[0], {"n": 1}, None
    )


def test_an_event_moves_to_another_month_and_keeps_what_it_says() -> None:
    make_partitions(now=NOON)
    [event_id] = kept_events(NOON)

    with writing_cursor() as cursor:
        moved = retime_events(cursor, moves((Point(NOON, None, reading_id=1), FAR)))

    assert moved == 1
    record = event_of_uuid(event_id)
    assert record is not None
    assert (record.ts, record.status, record.extra_data) == (FAR, TimeStatus.UTC, {"n": 1})
    assert rows_in("event", "tableoid::regclass::text") == [("event_default",)]
