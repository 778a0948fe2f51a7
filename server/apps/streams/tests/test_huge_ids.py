"""Ids far from the others, damaged, forged or true: they silence no device, and nothing is stored
twice."""

from datetime import timedelta

import pytest

from server.apps.devices.models import Device
from server.apps.streams.selectors.data import Progress, progress_of
from server.apps.streams.tests.written import (
    BOOT,
    NOON,
    REBOOT,
    UPTIME_S,
    Sender,
    row,
    rows_in,
    stored_ids,
)
from server.lib.timeseries import MAX_GAPS, MAX_JUMP, Coverage

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

HIGHEST = 2**32 - 1


@pytest.fixture
def sender(device: Device) -> Sender:
    return Sender(device)


def progress(streamer_key: int = 1) -> Progress:
    return progress_of([streamer_key])[streamer_key]


def test_the_highest_id_is_an_id_like_others(sender: Sender) -> None:
    written = sender.send(row(HIGHEST))

    assert stored_ids() == [HIGHEST]
    assert written.last_id == HIGHEST


def test_weak_point_3_a_huge_id_alone_silences_nobody(sender: Sender) -> None:
    sender.send(*[row(id) for id in range(1, 11)])
    sender.send(row(HIGHEST))

    after = sender.send(*[row(id) for id in range(11, 21)])

    assert after.ledger.stored == 10
    assert stored_ids() == [*range(1, 21), HIGHEST]


def test_a_huge_id_inside_a_report_silences_nobody(sender: Sender) -> None:
    sender.send(row(1), row(2), row(HIGHEST), row(3))

    after = sender.send(*[row(id) for id in range(3, 21)])

    assert (after.ledger.stored, after.ledger.duplicate) == (17, 1)


def test_the_acknowledgement_is_an_id_that_came(sender: Sender) -> None:
    for ids in ([5, 9], [3], [HIGHEST], [12, 20], [HIGHEST - 1]):
        written = sender.send(*[row(id) for id in ids])
        assert written.last_id in stored_ids()


def test_ids_go_on_after_a_jump_of_the_counter(sender: Sender) -> None:
    sender.send(row(100))
    sender.send(row(100 + 10 * MAX_JUMP))

    assert sender.send(*[row(id) for id in range(101, 111)]).ledger.stored == 10


def test_after_a_huge_id_times_still_follow_the_newest_report(sender: Sender) -> None:
    """Readings before a reboot are placed from the boot of the previous report, even when a damaged
    id came in between."""
    sender.send(row(1, at=10))
    sender.send(row(HIGHEST, at=20))
    hour = timedelta(hours=1)
    sender.send(row(2, at=30), received=NOON, sent_s=UPTIME_S)

    sender.send(row(3, at=UPTIME_S + 10), row(4, at=1, lid=REBOOT), received=NOON + hour, sent_s=60)

    [ts, status] = rows_in("reading", "ts, status", "seq")[2]
    assert (ts, status) == (BOOT + timedelta(seconds=UPTIME_S + 10), 1)


def test_coverage_survives_the_database_in_its_most_broken_form(sender: Sender) -> None:
    for number in range(MAX_GAPS + 40):
        sender.send(row(1 + number * 3))

    covered = progress().covered
    assert len(covered.ranges()) == MAX_GAPS + 1
    assert Coverage.parse(str(covered)) == covered
    assert rows_in("streamer_progress", "covered::text") == [(str(covered),)]


def test_a_streamer_whose_ids_jump_far_each_time_stores_old_reports_once(sender: Sender) -> None:
    """A system streamer of a busy device: a few readings, then 100,000 of others before its
    next."""
    reports = [
        [row(1 + number * 100_000 + i, at=number, lid=REBOOT) for i in range(2)] for number in range(50)
    ]
    for rows in reports:
        sender.send(*rows)

    for rows in reports:
        sender.send(*rows)

    ids = stored_ids()
    assert len(ids) == len(set(ids)) == 100
