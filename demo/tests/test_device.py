"""The life cycle of a device: measuring, catching up, rebooting, dropping what is acknowledged."""

from itertools import pairwise

import pytest

from demo.device import CHUNK_READINGS, HISTORY_S, LONGEST_PAST_S, SILENT_AFTER_S, Device
from demo.flash import Flash
from demo.sensors import HISTORY_STEP_S, LIVE_STEP_S
from demo.streamers import APP_VERSION, OS_VERSION, REBOOT, SYSTEM, USER
from demo.tests.factories import NOW_S, acknowledge_all, catch_up, make_device, make_spec
from server.lib.formats import Row

BATTERY = 0x5800
BATTERY_EVERY_S = 4 * 3600
AIR = 0x500F


def rebooted_device() -> tuple[Device, list[Row]]:
    """Returns a device that caught up and ran until it rebooted, and its log."""
    device = make_device()
    catch_up(device)
    booted_s, now_s = device.flash.booted_s, NOW_S
    while device.flash.booted_s == booted_s:
        now_s += LIVE_STEP_S
        assert now_s < NOW_S + 7 * 86400, "it should lose its power now and then"
        device.advance(now_s)
    return device, list(device.flash.log)


def test_a_new_device_was_switched_on_thirty_days_ago_and_says_so() -> None:
    device = make_device()

    assert device.flash.booted_s == NOW_S - HISTORY_S
    assert [row[0] for row in device.flash.log] == [REBOOT, OS_VERSION, APP_VERSION]


def test_the_past_is_uploaded_in_big_steps_and_in_pieces() -> None:
    device = make_device()

    device.advance(NOW_S)

    times = [device.flash.booted_s + row[2] for row in device.flash.log if row[0] == AIR]
    assert CHUNK_READINGS <= len(device.flash.log) < CHUNK_READINGS + 10
    assert {after - before for before, after in pairwise(times[:50])} == {HISTORY_STEP_S}


def test_nothing_more_of_the_past_is_made_before_the_last_piece_is_acknowledged() -> None:
    device = make_device()
    device.advance(NOW_S)
    before = list(device.flash.log)

    device.advance(NOW_S + LIVE_STEP_S)

    assert list(device.flash.log) == before


def test_a_device_in_the_present_measures_every_few_seconds() -> None:
    device = make_device()
    catch_up(device)

    device.advance(NOW_S + 4 * LIVE_STEP_S)

    times = [device.flash.booted_s + row[2] for row in device.flash.log if row[0] == AIR]
    assert times == [NOW_S + step * LIVE_STEP_S for step in (1, 2, 3, 4)]


def test_a_device_in_the_present_goes_on_measuring_without_an_answer() -> None:
    device = make_device()
    catch_up(device)

    for now_s in range(NOW_S, NOW_S + 20_000, 60):
        device.advance(now_s)

    assert len(device.flash.log) > CHUNK_READINGS


def test_the_hours_in_which_the_demo_did_not_run_are_made_up_for() -> None:
    device = make_device()
    catch_up(device)
    later_s = NOW_S + 3 * 3600

    device.advance(later_s)

    assert device.flash.clock_s == later_s
    assert len(device.flash.log) > 2 * 3600 // HISTORY_STEP_S


def test_after_a_long_time_only_thirty_days_are_uploaded_and_begin_with_a_reboot() -> None:
    device = make_device()
    catch_up(device)
    later_s = NOW_S + LONGEST_PAST_S + 3600

    device.advance(later_s)

    first = next(iter(device.flash.log))
    assert first[0] == REBOOT
    assert device.flash.booted_s + first[2] >= later_s - HISTORY_S


def test_a_clock_that_is_set_back_makes_no_readings() -> None:
    device = make_device()
    catch_up(device)

    device.advance(NOW_S - 3600)

    assert list(device.flash.log) == []


def test_a_reboot_is_the_first_reading_of_a_new_uptime() -> None:
    _, rows = rebooted_device()

    at = next(index for index, row in enumerate(rows) if row[0] == REBOOT)
    assert rows[at][2] == 0
    assert rows[at - 1][2] > 0
    assert [row[0] for row in rows[at + 1 : at + 3]] == [OS_VERSION, APP_VERSION]


def test_the_ids_go_on_over_a_reboot() -> None:
    device, rows = rebooted_device()

    ids = [row[1] for row in rows]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert device.flash.next_id == ids[-1] + 1


def test_a_reading_is_kept_until_it_is_acknowledged() -> None:
    device = make_device()
    device.advance(NOW_S)
    acknowledged = [row[1] for row in device.pending(USER)][10]

    device.acknowledge({USER.index: acknowledged, SYSTEM.index: 0})

    assert min(row[1] for row in device.pending(USER)) > acknowledged
    assert all(row[1] > acknowledged for row in device.flash.log if not SYSTEM.takes(row[0]))


def test_a_reading_that_two_streamers_take_is_kept_until_both_have_it_acknowledged() -> None:
    device = make_device()
    highest = max(row[1] for row in device.flash.log)

    device.acknowledge({USER.index: highest})
    after_one = [row[0] for row in device.flash.log]
    device.acknowledge({SYSTEM.index: highest})

    assert after_one == [REBOOT, OS_VERSION, APP_VERSION]
    assert list(device.flash.log) == []


def test_an_acknowledgement_never_goes_back() -> None:
    device = make_device()
    device.acknowledge({USER.index: 3, SYSTEM.index: 3})

    device.acknowledge({USER.index: 1})

    assert device.flash.acknowledged == {USER.index: 3, SYSTEM.index: 3}


def test_a_device_that_lost_its_counter_continues_above_what_the_server_knows() -> None:
    device = make_device()

    device.acknowledge({USER.index: 5000})
    device.advance(NOW_S)

    assert min(row[1] for row in device.pending(USER)) > 5000


def test_a_device_goes_silent_some_time_after_it_reached_the_present() -> None:
    device = make_device(make_spec(goes_silent=True))
    catch_up(device)
    on_arrival = device.is_silent

    device.advance(NOW_S + SILENT_AFTER_S + 2 * LIVE_STEP_S)

    assert not on_arrival
    assert device.is_silent


def test_a_silent_device_measures_nothing_more() -> None:
    device = make_device(make_spec(goes_silent=True))
    catch_up(device)
    device.advance(NOW_S + SILENT_AFTER_S + 2 * LIVE_STEP_S)
    acknowledge_all(device)

    device.advance(NOW_S + 3600)

    assert list(device.flash.log) == []


@pytest.mark.parametrize("kind", ["water-meter", "soil-temp", "shipping-logger"])
def test_thirty_days_of_every_kind_go_without_a_gap(kind: str) -> None:
    device = make_device(make_spec(kind=kind))
    batteries = 0

    while device.is_behind(NOW_S):
        device.advance(NOW_S)
        batteries += sum(row[0] == BATTERY for row in device.flash.log)
        acknowledge_all(device)

    the_last_minutes = 2  # it is looked at more often there
    assert batteries == HISTORY_S // BATTERY_EVERY_S + the_last_minutes


def test_what_a_device_remembers_is_all_it_needs() -> None:
    device = make_device()
    catch_up(device)
    flash = device.flash
    copy = Flash(
        flash.clock_s,
        flash.booted_s,
        flash.next_id,
        dict(flash.acknowledged),
        dict(flash.measured_s),
        dict(flash.counters),
        flash.live_since_s,
    )
    twin = Device(device.spec, copy, now_s=NOW_S)

    device.advance(NOW_S + 60)
    twin.advance(NOW_S + 60)

    assert list(twin.flash.log) == list(device.flash.log) != []
