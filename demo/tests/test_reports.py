"""The reports of a device, read as the server reads them."""

import numpy as np
import pytest

from demo.device import Device, Report
from demo.streamers import REBOOT, STREAMERS, SYSTEM, USER, Streamer
from demo.tests.factories import NOW_S, USER_KEY, acknowledge_all, catch_up, make_device, make_spec
from server.lib import formats
from server.lib.timeseries import place_times


def live_device(*, user_key: bytes | None = None) -> Device:
    device = make_device(make_spec(user_key=user_key))
    catch_up(device)
    device.advance(NOW_S + 120)
    return device


def report_of(device: Device, streamer: Streamer) -> Report:
    report = device.report(streamer)
    assert report is not None
    return report


def decoded(report: Report) -> formats.Report:
    return formats.decode(report.data, "report.bin", lambda number: formats.Keys(user=USER_KEY))


@pytest.mark.parametrize("streamer", STREAMERS)
def test_a_report_holds_what_its_streamer_has_pending(streamer: Streamer) -> None:
    device = make_device()
    device.advance(NOW_S)
    pending = device.pending(streamer)

    report = decoded(report_of(device, streamer))

    assert formats.rows_of(report.readings) == pending != []
    assert (report.header.streamer_index, report.header.selector) == (streamer.index, streamer.selector)
    assert report.header.device_id == device.spec.slug.number


def test_a_report_takes_an_id_above_all_its_readings() -> None:
    device = live_device()
    highest = device.flash.next_id - 1

    first, second = report_of(device, USER), report_of(device, USER)

    assert decoded(first).header.report_id == highest + 1
    assert decoded(second).header.report_id == highest + 2


def test_the_highest_id_of_a_report_is_a_reading_of_that_streamer() -> None:
    device = live_device()

    report = report_of(device, USER)

    assert report.highest_id == decoded(report).readings["reading_id"].max()


def test_user_and_system_streams_go_different_ways_and_reboots_go_both() -> None:
    device = make_device()
    device.advance(NOW_S)

    user = set(decoded(report_of(device, USER)).readings["lid"].tolist())
    system = set(decoded(report_of(device, SYSTEM)).readings["lid"].tolist())

    assert user & system == {REBOOT}
    assert {0x5003, 0x5004, 0x500F} <= user
    assert {0x5800, 0x5C08, 0x5C09} <= system


def test_a_device_with_a_key_signs_and_encrypts() -> None:
    device = live_device(user_key=USER_KEY)
    pending = device.pending(USER)

    report = report_of(device, USER)

    assert formats.rows_of(decoded(report).readings) == pending
    assert decoded(report).header.signature is formats.SignatureKind.USER_KEY


def test_a_report_with_another_key_is_not_believed() -> None:
    report = report_of(live_device(user_key=bytes(32)), USER)

    with pytest.raises(formats.SignatureError):
        decoded(report)


def test_the_server_finds_the_second_of_every_reading() -> None:
    device = live_device()
    booted_s = device.flash.booted_s
    report = report_of(device, USER)
    content = decoded(report)

    placed = place_times(
        lid=content.readings["lid"],
        raw_time=content.readings["raw_time"],
        received_us=report.received_s * 1_000_000,
        sent_s=content.header.sent_s,
        previous_boot_us=None,
    )

    expected = (booted_s + content.readings["raw_time"].astype(np.int64)) * 1_000_000
    assert placed.ts_us.tolist() == expected.tolist()


def test_nothing_pending_makes_no_report_and_takes_no_id() -> None:
    device = live_device()
    acknowledge_all(device)
    next_id = device.flash.next_id

    report = device.report(USER)

    assert report is None
    assert device.flash.next_id == next_id
