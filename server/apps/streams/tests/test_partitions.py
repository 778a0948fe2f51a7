"""Monthly partitions of readings and events: created ahead of time, and earlier readings move into
them."""

from datetime import UTC, datetime, timedelta

import pytest

from server.apps.devices.models import Device
from server.apps.streams.services.partitions import make_partitions
from server.apps.streams.store.partitions import make_month_partitions, partition_months
from server.apps.streams.store.reads import readings_of_stream
from server.apps.streams.tests.batches import STREAM, Point, keep
from server.apps.streams.tests.written import NOON, REBOOT, Sender, row, rows_in
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]  # two workers make partitions at once, and others write meanwhile

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

DAY = timedelta(days=1)


def partitions() -> dict[str, str]:
    """Return bounds by name, without the default partitions."""
    rows = rows_in(
        "pg_class WHERE relispartition AND relkind = 'r'", "relname, pg_get_expr(relpartbound, oid)", "1"
    )
    return {str(name): str(bounds) for name, bounds in rows if bounds != "DEFAULT"}


def where(point: Point) -> str:
    [(table,)] = rows_in(f"reading WHERE seq = {point.reading_id}", "tableoid::regclass::text")
    return str(table)


def test_months_go_from_two_years_back_to_two_months_ahead() -> None:
    months = partition_months(datetime(2021, 6, 15, 12, tzinfo=UTC))

    assert months[0] == datetime(2019, 6, 1, tzinfo=UTC)
    assert months[-1] == datetime(2021, 8, 1, tzinfo=UTC)
    assert len(months) == 27


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2021, 11, 30, 23, 59, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)),
        (datetime(2021, 12, 1, tzinfo=UTC), datetime(2022, 2, 1, tzinfo=UTC)),
        (datetime(2021, 10, 31, tzinfo=UTC), datetime(2021, 12, 1, tzinfo=UTC)),
    ],
)
def test_months_go_over_the_end_of_a_year(now: datetime, last: datetime) -> None:
    months = partition_months(now, back=1)

    assert months[-1] == last
    assert months == sorted(set(months))


def test_readings_and_events_get_a_partition_a_month() -> None:
    made = make_month_partitions([datetime(2021, 12, 1, tzinfo=UTC)])

    assert made == ["reading_2021_12", "event_2021_12"]
    assert partitions()["reading_2021_12"] == (
        "FOR VALUES FROM ('2021-12-01 00:00:00+00') TO ('2022-01-01 00:00:00+00')"
    )


def test_partitions_are_made_once() -> None:
    first = make_partitions(now=NOON)
    before = partitions()

    assert len(first) == 54
    assert make_partitions(now=NOON) == []
    assert partitions() == before


def test_a_month_later_only_the_new_month_is_made() -> None:
    make_partitions(now=NOON)

    assert make_partitions(now=NOON + 30 * DAY) == ["reading_2021_09", "event_2021_09"]


def test_a_reading_goes_to_its_month() -> None:
    make_partitions(now=NOON)
    last = Point(datetime(2021, 6, 30, 23, 59, 59, 999999, tzinfo=UTC), 1.0, reading_id=1)
    first = Point(datetime(2021, 7, 1, tzinfo=UTC), 1.0, reading_id=2)

    keep(last, first)

    assert (where(last), where(first)) == ("reading_2021_06", "reading_2021_07")


def test_a_reading_of_no_month_goes_to_the_default_partition() -> None:
    make_partitions(now=NOON)
    point = Point(datetime(2099, 1, 1, tzinfo=UTC), 1.0)

    keep(point)

    assert where(point) == "reading_default"


def test_readings_that_wait_in_the_default_partition_move_along() -> None:
    june, july = Point(NOON, 1.0, reading_id=1), Point(NOON + 30 * DAY, 2.0, reading_id=2)
    keep(june, july)
    before = readings_of_stream(STREAM, limit=9)

    make_month_partitions([datetime(2021, 6, 1, tzinfo=UTC)])

    assert (where(june), where(july)) == ("reading_2021_06", "reading_default")
    assert readings_of_stream(STREAM, limit=9) == before


def test_readings_of_a_month_are_found_by_its_own_index() -> None:
    make_partitions(now=NOON)
    keep(Point(NOON, 1.0))

    [(indexes,)] = rows_in("pg_indexes WHERE tablename = 'reading_2021_06'", "string_agg(indexdef, ' ')")
    assert "(stream_key, ts)" in str(indexes)


def test_two_workers_that_make_partitions_at_once_share_the_work() -> None:
    results = at_once(*[lambda: make_partitions(now=NOON)] * 2)

    assert sorted(len(made) for made in results) == [0, 54], results


def test_partitions_are_made_while_readings_come_in() -> None:
    """A reading may be written into the default partition just while the partition of its month is
    created."""

    def write(first: int) -> None:
        for reading_id in range(first, first + 40):
            keep(
                Point(NOON + reading_id * timedelta(hours=1), 1.0, reading_id=reading_id, stream=first),
                streamer_key=first,
            )

    results = at_once(lambda: write(1), lambda: write(1001), lambda: make_partitions(now=NOON))

    assert [type(result).__name__ for result in results] == ["NoneType", "NoneType", "list"], results
    assert rows_in("reading", "count(*), count(DISTINCT seq)") == [(80, 80)]


def test_partitions_are_made_while_shared_readings_come_in(device: Device) -> None:
    """Their writer reads the table first, so it must not wait for a transaction that waits for
    it."""
    sender = Sender(device, shared_lids={REBOOT})
    sender.send(row(1, lid=REBOOT))

    def write() -> None:
        for reading_id in range(2, 60):
            sender.send(row(reading_id, at=reading_id, lid=REBOOT))

    results = at_once(write, lambda: make_partitions(now=NOON))

    assert [type(result).__name__ for result in results] == ["NoneType", "list"], results
    assert rows_in("reading", "count(*)") == [(59,)]
