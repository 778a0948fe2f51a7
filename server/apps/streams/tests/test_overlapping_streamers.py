"""Two streamers of a device that take the same stream: what both upload is stored once, even at the
same time."""

from datetime import UTC, datetime, timedelta

import pytest

from server.apps.devices.models import Device
from server.apps.streams.tests.written import NOON, REBOOT, UPTIME_S, Sender, event, row, rows_in, stored_ids
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]  # two connections write at once

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SHARED = 0x5002


@pytest.fixture
def user(device: Device) -> Sender:
    return Sender(device, streamer_key=1, shared_lids={REBOOT, SHARED}, other_streamers=[2])


@pytest.fixture
def system(device: Device) -> Sender:
    return Sender(device, streamer_key=2, shared_lids={REBOOT, SHARED}, other_streamers=[1])


def test_a_reboot_mark_of_both_is_stored_once(user: Sender, system: Sender) -> None:
    user.send(row(7), row(8, at=1, lid=REBOOT), row(9))

    second = system.send(row(8, at=1, lid=REBOOT))

    assert stored_ids() == [7, 8, 9]
    assert (second.ledger.stored, second.ledger.duplicate, second.last_id) == (0, 1, 8)


def test_it_is_the_same_though_it_comes_out_at_another_time(user: Sender, system: Sender) -> None:
    """A reboot mark of a later upload may be placed hours off, when the boots between are
    estimates."""
    user.send(row(8, at=1, lid=REBOOT))

    system.send(row(8, at=1, lid=REBOOT), received=NOON + timedelta(days=400), sent_s=UPTIME_S)

    assert stored_ids() == [8]


def test_another_stream_that_both_take_is_stored_once(user: Sender, system: Sender) -> None:
    user.send(row(5, at=50, lid=SHARED), row(6, at=60, lid=SHARED))

    second = system.send(
        row(6, at=60, lid=SHARED), row(7, at=70, lid=SHARED), received=NOON + timedelta(hours=1)
    )

    assert stored_ids() == [5, 6, 7]
    assert (second.ledger.stored, second.ledger.duplicate) == (1, 1)


def test_a_shared_reading_that_comes_out_a_year_off_is_stored_once(user: Sender, system: Sender) -> None:
    """The device was off for a year between the uploads, and nobody knows how long."""
    user.send(row(5, at=50, lid=SHARED))

    second = system.send(
        row(5, at=50, lid=SHARED), row(6, at=60, lid=SHARED), received=NOON + timedelta(days=365)
    )

    assert stored_ids() == [5, 6]
    assert (second.ledger.stored, second.ledger.duplicate) == (1, 1)


def test_the_same_id_on_different_streams_is_not_the_same_reading(user: Sender, system: Sender) -> None:
    """A counter that was reset must not lose a reading."""
    user.send(row(5, lid=SHARED))

    system.send(row(5, lid=REBOOT))

    assert rows_in("reading", "seq") == [(5,), (5,)]


def test_streams_that_are_not_shared_are_not_looked_up(device: Device) -> None:
    Sender(device, streamer_key=1).send(row(5))

    assert Sender(device, streamer_key=2).send(row(5)).ledger.stored == 1


def test_the_count_of_a_shared_stream_is_that_of_its_readings(user: Sender, system: Sender) -> None:
    user.send(*[row(id, at=id, lid=SHARED) for id in range(1, 11)])
    system.send(*[row(id, at=id, lid=SHARED) for id in range(6, 16)])

    assert rows_in("latest", "count, seq") == [(15, 15)]
    assert rows_in("rollup_hour", "count") == [(15,)]


def test_a_shared_event_is_stored_once(user: Sender, system: Sender) -> None:
    for sender in (user, system):
        sender.send(events=[event(5, lid=SHARED)])

    assert rows_in("event", "seq") == [(5,)]


@pytest.mark.parametrize("year", [1, 9999])
def test_shared_readings_at_the_ends_of_the_calendar_are_stored_once(
    user: Sender, system: Sender, year: int
) -> None:
    extreme = datetime(year, 1 if year == 1 else 12, 2, tzinfo=UTC)

    for sender in (user, system):
        sender.send(row(5, lid=SHARED), given=[extreme])

    assert rows_in("reading", "seq, ts") == [(5, extreme)]


@pytest.mark.parametrize("lid", [REBOOT, SHARED])
def test_two_that_write_at_once_store_a_shared_reading_once(user: Sender, system: Sender, lid: int) -> None:
    first = [row(id, at=id, lid=lid) for id in range(1, 41)]
    user.send(row(1000, lid=lid))  # so that neither of them makes the stream
    for start in range(0, 40, 4):
        part = first[start : start + 4]
        results = at_once(lambda: user.send(*part), lambda: system.send(*part))  # noqa: B023  run at once
        assert [type(result).__name__ for result in results] == ["StoredReadings"] * 2, results

    assert stored_ids() == [*range(1, 41), 1000]
    assert rows_in("latest", "count") == [(41,)]


def test_two_that_bring_the_first_readings_of_a_device_make_its_streams_once(
    user: Sender, system: Sender, device: Device
) -> None:
    rows = [row(id, at=id, lid=0x5003 + id) for id in range(1, 21)]

    results = at_once(lambda: user.send(*rows), lambda: system.send(*reversed(rows)))

    assert [type(result).__name__ for result in results] == ["StoredReadings"] * 2, results
    assert device.streams.count() == 21


def test_one_report_in_several_hands_is_stored_once(user: Sender) -> None:
    """The visibility timeout of a slow worker expired, and another one took the same job."""
    user.send(row(1))
    for first in range(2, 402, 50):
        rows = [row(id, at=id) for id in range(first, first + 50)]

        results = at_once(*[lambda: user.send(*rows)] * 4)  # noqa: B023  all end here

        assert sorted(result.ledger.stored for result in results) == [0, 0, 0, 50]
    assert stored_ids() == list(range(1, 402))
