"""Reports that were cut off where the sender's buffer was full: the next report has the rest, and
dates them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.ingest.tests.older_devices import SPRING, USER_ONLY, Sent, deliver, times_of, times_on
from server.apps.ingest.tests.sent import IO_1, REBOOT, SYSTEM, USER, acknowledged
from server.apps.streams.tests.factories import make_claimed_device
from server.apps.streams.tests.recounted import assert_all_agrees
from server.lib.formats import Row
from server.lib.timeseries import TimeStatus

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

CUT: Final = 12_285
"""Readings of a report of 196604 bytes."""
FIRST_BOOT: Final = SPRING
SECOND_BOOT: Final = FIRST_BOOT + timedelta(days=2)
THIRD_BOOT: Final = SECOND_BOOT + timedelta(days=1)
CLN, DRT = TimeStatus.CLN, TimeStatus.DRT


def readings(first_id: int, last_id: int, *, from_s: int) -> list[Row]:
    """One in ten seconds."""
    return [(IO_1, id, from_s + 10 * (id - first_id), id) for id in range(first_id, last_id + 1)]


def reboot(id: int) -> Row:
    return REBOOT, id, 2, 1


def sent(rows: Sequence[Row], own_id: int, *, selector: int = USER, boot: datetime, uptime_s: int) -> Sent:
    return Sent(selector, tuple(rows), own_id, uptime_s, boot + timedelta(seconds=uptime_s))


def rows_of_two_boots(cut_at: int = CUT) -> tuple[list[Row], list[Row]]:
    """What a cut report has, and what is left for the next: a reboot in it."""
    rows = [*readings(1, 12_300, from_s=10), reboot(12_301), *readings(12_302, 12_400, from_s=10)]
    return rows[:cut_at], rows[cut_at:]


def cut_and_sequel(selector: int = USER) -> tuple[Sent, Sent]:
    begin, rest = rows_of_two_boots()
    if selector == USER_ONLY:
        rest = [row for row in rest if row[0] != REBOOT]
    cut = sent(begin, 12_401, selector=selector, boot=SECOND_BOOT, uptime_s=1200)
    sequel = sent(rest, 12_402, selector=selector, boot=SECOND_BOOT, uptime_s=1230)
    assert len(begin) == CUT
    return cut, sequel


def in_one_report() -> Sent:
    begin, rest = rows_of_two_boots()
    return sent([*begin, *rest], 12_402, boot=SECOND_BOOT, uptime_s=1230)


@pytest.fixture
def expected(project: Project, bob: Account) -> dict[int, tuple[datetime, int]]:
    """The times of a device that sends all of it in one report."""
    device = make_claimed_device(project=project)
    deliver(device, bob, [in_one_report()])
    return times_of(device)


def test_as_long_as_nothing_else_is_known_a_cut_report_is_of_the_boot_it_was_sent_in(
    device: Device, bob: Account
) -> None:
    cut, _ = cut_and_sequel()

    deliver(device, bob, [cut])

    assert times_of(device)[1] == (SECOND_BOOT + timedelta(seconds=10), CLN)


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0, 1), (0, 0, 1)])
def test_its_sequel_puts_the_times_right_in_either_order_and_once(
    order: tuple[int, ...], device: Device, bob: Account, expected: dict[int, tuple[datetime, int]]
) -> None:
    reports = cut_and_sequel()

    deliver(device, bob, [reports[which] for which in order])

    assert times_of(device) == expected
    assert expected[12_300] == (SECOND_BOOT - timedelta(seconds=1), DRT)
    assert acknowledged(device) == 12_400
    assert_all_agrees()


def test_a_sequel_without_a_reboot_leaves_the_times(device: Device, bob: Account) -> None:
    rows = readings(1, 12_400, from_s=10)
    cut = sent(rows[:CUT], 12_401, boot=FIRST_BOOT, uptime_s=200_000)
    deliver(device, bob, [cut])
    before = times_of(device)

    deliver(device, bob, [sent(rows[CUT:], 12_402, boot=FIRST_BOOT, uptime_s=200_030)])

    assert {id: time for id, time in times_of(device).items() if id <= CUT} == before


def test_a_reboot_after_a_cut_report_was_sent_leaves_its_times(device: Device, bob: Account) -> None:
    rows = readings(1, 12_400, from_s=10)
    cut = sent(rows[:CUT], 12_401, boot=FIRST_BOOT, uptime_s=130_000)
    deliver(device, bob, [cut])
    before = times_of(device)
    rest = [*rows[CUT:], reboot(12_402), *readings(12_403, 12_410, from_s=10)]

    deliver(device, bob, [sent(rest, 12_411, boot=SECOND_BOOT, uptime_s=500)])

    after = times_of(device)
    assert {id: after[id] for id in before} == before
    assert after[12_400] == (FIRST_BOOT + timedelta(seconds=124_000), CLN)


def test_the_report_before_a_cut_one_dates_the_boot(device: Device, bob: Account) -> None:
    """As in one report: what is before its first reboot counts from the report before."""
    early = sent([(IO_1, 1, 10, 1)], 2, boot=FIRST_BOOT, uptime_s=20)
    rows = [*readings(3, 12_300, from_s=30), reboot(12_301), *readings(12_302, 12_400, from_s=10)]
    cut = sent(rows[:CUT], 12_401, boot=SECOND_BOOT, uptime_s=1200)
    sequel = sent(rows[CUT:], 12_402, boot=SECOND_BOOT, uptime_s=1230)

    deliver(device, bob, [early, cut, sequel])

    found = times_of(device)
    assert found[3] == (FIRST_BOOT + timedelta(seconds=30), CLN)
    assert found[12_300] == (FIRST_BOOT + timedelta(seconds=30 + 10 * 12_297), CLN)


def test_a_sequel_may_be_cut_itself(device: Device, project: Project, bob: Account) -> None:
    rows = [
        *readings(1, 12_290, from_s=10),
        *[reboot(12_291), *readings(12_292, 24_600, from_s=10)],
        *[reboot(24_601), *readings(24_602, 24_620, from_s=10)],
    ]
    parts = [rows[:CUT], rows[CUT : 2 * CUT], rows[2 * CUT :]]
    reports = [
        sent(part, 24_621 + n, boot=THIRD_BOOT, uptime_s=1000 + 30 * n) for n, part in enumerate(parts)
    ]
    whole = make_claimed_device(project=project)
    deliver(whole, bob, [sent(rows, 24_623, boot=THIRD_BOOT, uptime_s=1060)])

    deliver(device, bob, reports)

    assert times_of(device) == times_of(whole)
    assert_all_agrees()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (0, 2, 1), (1, 2, 0)])
def test_a_cut_report_of_older_firmware_learns_from_both_its_sequel_and_the_system(
    order: tuple[int, ...], device: Device, bob: Account, expected: dict[int, tuple[datetime, int]]
) -> None:
    cut, sequel = cut_and_sequel(USER_ONLY)
    system = sent([reboot(12_301)], 12_403, selector=SYSTEM, boot=SECOND_BOOT, uptime_s=1250)

    deliver(device, bob, [(cut, sequel, system)[which] for which in order])

    assert times_on(device, IO_1) == {id: time for id, time in expected.items() if id != 12_301}
    assert_all_agrees()


def test_a_cut_report_whose_sequel_never_comes_learns_from_the_system(device: Device, bob: Account) -> None:
    cut, _ = cut_and_sequel()
    system = sent([reboot(12_301)], 12_403, selector=SYSTEM, boot=SECOND_BOOT, uptime_s=1250)

    deliver(device, bob, [cut, system])

    assert times_of(device)[CUT] == (SECOND_BOOT - timedelta(seconds=1), DRT)
    assert_all_agrees()
