"""Older firmware: the reboots that its user reports need come with the system's reports, before or
after them."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project, SensorGraph
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.selectors import with_ledger
from server.apps.ingest.tests.older_devices import (
    SPRING,
    USER_ONLY,
    Firmware,
    History,
    Sent,
    deliver,
    life,
    reboots_apart,
    reboots_together,
    times_of,
    times_on,
)
from server.apps.ingest.tests.sent import (
    IO_1,
    REBOOT,
    SYSTEM,
    USER,
    Carrier,
    acknowledged,
    dictionary,
    process,
    row,
    rows,
    signed_list,
    stored_ids,
)
from server.apps.streams.services.emptying import release_ids
from server.apps.streams.tests.factories import make_claimed_device
from server.apps.streams.tests.recounted import assert_all_agrees
from server.apps.streams.tests.written import rows_in
from server.core.tests.committed import at_once, committed
from server.lib.timeseries import TimeStatus

__all__ = ["committed"]  # user and system report at once

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

CLN, DRT = TimeStatus.CLN, TimeStatus.DRT


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def older(device: Device, engine: int) -> Device:
    SensorGraph.objects.filter(devices=device).update(report_processing_engine_ver=engine)
    device.refresh_from_db()
    return device


# In either order, and as if one report had brought all


def systems_first(rounds: Sequence[Sequence[Sent]], rng: random.Random) -> list[Sent]:
    return [report for _, report in rounds] + [report for report, _ in rounds]


def users_first(rounds: Sequence[Sequence[Sent]], rng: random.Random) -> list[Sent]:
    return [report for report, _ in rounds] + [report for _, report in rounds]


def shuffled(rounds: Sequence[Sequence[Sent]], rng: random.Random) -> list[Sent]:
    """Each streamer's reports in their order."""
    waiting = [[report for report, _ in rounds], [report for _, report in rounds]]
    order = [0] * len(rounds) + [1] * len(rounds)
    rng.shuffle(order)
    return [waiting[streamer].pop(0) for streamer in order]


@pytest.mark.parametrize("seed", range(8))
def test_the_times_are_those_of_one_report_in_whatever_order_they_come(
    seed: int, project: Project, bob: Account
) -> None:
    rng = random.Random(seed)
    newer = make_claimed_device(project=project)
    deliver(newer, bob, [report for each in life(seed, reboots_together) for report in each])
    expected = times_on(newer, IO_1)

    found = []
    for order in (systems_first, users_first, shuffled, shuffled):
        device = older(make_claimed_device(project=project), engine=seed % 2)
        deliver(device, bob, order(life(seed, reboots_apart), rng))
        assert times_on(device, IO_1) == expected, order.__name__
        found.append(times_of(device))

    assert found[1:] == found[:1] * 3
    assert_all_agrees()


def history_with_a_reboot(firmware: Firmware) -> list[Sent]:
    history = History()
    for _ in range(3):
        history.goes_on(10)
        history.measures()
    history.boots(off_s=100)
    history.goes_on(8)
    history.measures()
    history.goes_on(20)
    return firmware(history)


def test_a_reboot_that_comes_later_moves_what_was_before_it(device: Device, bob: Account) -> None:
    user, system = history_with_a_reboot(reboots_apart)

    deliver(device, bob, [user])
    first = times_on(device, IO_1)
    deliver(device, bob, [system])

    reboot = SPRING + timedelta(seconds=130)
    boot = reboot - timedelta(seconds=2)
    as_if_never_rebooted = {n: (boot + timedelta(seconds=5 + 10 * n), CLN) for n in (1, 2, 3)}
    assert {n: first[n] for n in (1, 2, 3)} == as_if_never_rebooted
    before = {n: (boot - timedelta(seconds=1 + 10 * (3 - n)), DRT) for n in (1, 2, 3)}
    assert times_of(device) == before | {4: (reboot, CLN), 5: (reboot + timedelta(seconds=8), CLN)}
    assert_all_agrees()


def test_the_reports_of_a_device_at_once_come_out_the_same(project: Project, bob: Account) -> None:
    """Each reads what the other has stored, under one lock."""
    expected = make_claimed_device(project=project)
    deliver(expected, bob, history_with_a_reboot(reboots_apart))
    for _ in range(6):
        device = make_claimed_device(project=project)
        user, system = history_with_a_reboot(reboots_apart)
        carrier = Carrier(device, bob, user.received)
        waiting = [carrier.upload(report.of(device)) for report in (user, system)]

        at_once(*[lambda report=report: process(report) for report in waiting])

        assert times_of(device) == times_of(expected)


def test_a_report_that_reaches_over_no_new_reboot_stays_as_it_is(device: Device, bob: Account) -> None:
    user, system = history_with_a_reboot(reboots_apart)
    deliver(device, bob, [user, system])
    before = times_of(device)
    later = Sent(SYSTEM, ((REBOOT, 100, 2, 1),), 101, 50, system.received + timedelta(hours=1))

    deliver(device, bob, [later])

    assert {reading_id: time for reading_id, time in times_of(device).items() if reading_id != 100} == before


def test_only_readings_of_the_report_move(device: Device, bob: Account) -> None:
    """What other streamers brought under ids between has its own times."""
    user, system = history_with_a_reboot(reboots_apart)
    other = Sent(0x1001, ((0x1001, 200, 5, 1),), 201, 60, user.received)
    deliver(device, bob, [user, other])
    before = times_on(device, 0x1001)

    deliver(device, bob, [system])

    assert times_on(device, 0x1001) == before


def test_the_same_system_report_again_moves_nothing(device: Device, bob: Account) -> None:
    user, system = history_with_a_reboot(reboots_apart)
    deliver(device, bob, [user, system])
    before = times_of(device)

    deliver(device, bob, [system, user])

    assert times_of(device) == before


def test_a_streamer_that_begins_again_waits_for_no_reboots(device: Device, bob: Account) -> None:
    """What it brings next may have the same ids, and other readings."""
    user, _ = history_with_a_reboot(reboots_apart)
    deliver(device, bob, [user])
    assert len(rows_in("open_report")) == 1

    release_ids([Streamer.objects.get().pk])

    assert rows_in("open_report") == []


# Nothing is refused


@pytest.mark.parametrize(("engine", "selector"), [(1, USER), (2, USER_ONLY)])
def test_a_selector_that_the_engine_does_not_know_is_stored_and_remarked(
    carrier: Carrier, device: Device, engine: int, selector: int
) -> None:
    older(device, engine)

    report = carrier.upload(signed_list(device, rows(1, 2, 3), selector=selector))
    process(report)

    [found] = with_ledger([StreamerReport.objects.get(pk=report.pk)])
    assert found.ledger is not None
    assert stored_ids(device) == [1, 2, 3]
    assert (found.ledger.stored, found.ledger.refused) == (3, 0)
    assert found.ledger.reasons == {"unexpected-selector": 3}


@pytest.mark.parametrize("engine", [0, 1])
def test_a_dictionary_of_a_device_with_an_older_engine_is_stored_and_remarked(
    carrier: Carrier, device: Device, engine: int
) -> None:
    older(device, engine)

    report = carrier.upload(dictionary(device), name="report.json")
    stored = process(report)

    [found] = with_ledger([StreamerReport.objects.get(pk=report.pk)])
    assert stored is not None
    assert stored.stored == 1
    assert found.ledger is not None
    assert found.ledger.reasons == {"unexpected-format": 1}


def test_the_engine_is_that_of_the_sensor_graph_now(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, rows(1)))
    assert Streamer.objects.get().process_engine_ver == 2

    older(device, engine=1)
    carrier.deliver(signed_list(device, rows(2)))

    assert Streamer.objects.get().process_engine_ver == 1


# Late and out of order


def test_a_late_report_of_older_firmware_fills_its_gap(carrier: Carrier, device: Device) -> None:
    older(device, engine=0)
    first, second, third = (
        carrier.upload(signed_list(device, rows(*ids), selector=USER_ONLY, report_id=ids[-1] + 1))
        for ids in (range(1, 10), range(11, 20), range(21, 30))
    )

    acks = []
    for report in (first, third, second, third, first):
        process(report)
        acks.append(acknowledged(device))

    assert stored_ids(device) == [*range(1, 10), *range(11, 20), *range(21, 30)]
    assert acks == [9, 29, 29, 29, 29]


@pytest.mark.parametrize("seed", range(3))
def test_a_late_report_is_moved_by_its_reboots_too(seed: int, project: Project, bob: Account) -> None:
    rounds = life(seed, reboots_apart)
    users, systems = [user for user, _ in reversed(rounds)], [system for _, system in rounds]
    expected, device = make_claimed_device(project=project), make_claimed_device(project=project)
    deliver(expected, bob, [*systems, *users])

    deliver(device, bob, [*users, *systems])

    assert times_of(device) == times_of(expected)


def test_a_forged_id_far_above_moves_nothing_else(carrier: Carrier, device: Device) -> None:
    carrier.deliver(
        signed_list(device, [row(1, at=10), row(2**32 - 1, at=20)], selector=USER_ONLY, report_id=3)
    )

    carrier.deliver(signed_list(device, [row(2, at=5, lid=REBOOT)], index=1, selector=SYSTEM, report_id=4))

    assert stored_ids(device) == [1, 2, 2**32 - 1]
