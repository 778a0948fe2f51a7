from __future__ import annotations

import numpy as np
import pytest

from server.lib.timeseries import (
    EARLIEST_US,
    LATEST_US,
    NO_TIME,
    NOT_GIVEN,
    TimeStatus,
    place_event_time,
    place_times,
)
from server.lib.timeseries.tests.reports import SECOND_US, placed, readings, rows, seen, us

# 10:00:00 on 1 March 2021 by a device's own clock: seconds since 2000, bit 31 set.
RTC_10_00_00 = 0x80000000 + (us("10:00:00") // SECOND_US - 946684800)


def test_without_reboot_uptimes_count_from_received_less_sent() -> None:
    times = placed("10 20 30", sent_s=240)

    assert seen(times) == readings([("cln", "09:56:10 09:56:20 09:56:30")])


def test_a_smaller_sent_time_means_a_later_boot() -> None:
    times = placed("10 20 30", sent_s=120)

    assert seen(times) == readings([("cln", "09:58:10 09:58:20 09:58:30")])


def test_what_precedes_the_only_reboot_counts_from_the_previous_report() -> None:
    times = placed("10 20 30 40 50 reboot@2 10 20", previous=("09:56:00", 60))

    assert seen(times) == readings(
        [("cln", "09:55:10 09:55:20 09:55:30 09:55:40 09:55:50"), ("cln", "09:56:02 09:56:10 09:56:20")]
    )


def test_a_boot_between_two_reboots_is_estimated() -> None:
    times = placed("10 20 30 40 50 reboot@2 10 20 reboot@2 10 20 30", previous=("09:54:00", 60))

    assert seen(times) == readings(
        [
            ("cln", "09:53:10 09:53:20 09:53:30 09:53:40 09:53:50"),
            ("drt", "09:55:41 09:55:49 09:55:59"),
            ("cln", "09:56:02 09:56:10 09:56:20 09:56:30"),
        ]
    )


def test_without_previous_report_the_oldest_boot_is_estimated_too() -> None:
    times = placed("10 20 30 40 50 reboot@2 10 20 reboot@2 10 20 30")

    assert seen(times)[:5] == readings([("drt", "09:54:58 09:55:08 09:55:18 09:55:28 09:55:38")])


def test_the_moment_of_the_newest_boot_is_reported() -> None:
    times = placed("50 reboot@1 10", received="10:20:00", sent_s=600, previous=("10:10:00", 300))

    assert seen(times) == readings([("cln", "10:05:50 10:10:01 10:10:10")])
    assert times.boot_us == us("10:10:00")
    assert times.reboots == 1


def test_a_previous_report_does_not_matter_without_reboot() -> None:
    times = placed("10 20", sent_s=240, previous=("09:00:00", 60))

    assert seen(times) == readings([("cln", "09:56:10 09:56:20")])


def test_a_report_that_begins_with_a_reboot_has_nothing_from_the_previous_boot() -> None:
    times = placed("reboot@2 10 reboot@2 20", previous=("09:54:00", 60))

    assert seen(times) == readings([("drt", "09:55:51 09:55:59"), ("cln", "09:56:02 09:56:20")])


def test_a_previous_report_of_the_same_boot_does_not_place_readings_behind_the_reboot() -> None:
    times = placed("40 50 reboot@2 10", previous=("09:58:00", 120))

    assert seen(times) == readings([("drt", "09:55:49 09:55:59"), ("cln", "09:56:02 09:56:10")])


def test_an_uptime_that_ran_backwards_stays_before_the_next_boot() -> None:
    times = placed("50 10 reboot@2")

    assert seen(times) == readings([("drt", "09:55:59 09:55:59"), ("cln", "09:56:02")])


def test_a_damaged_uptime_in_a_boot_known_from_the_previous_report_is_an_estimate() -> None:
    times = placed("10 2000000000 20 reboot@2", previous=("09:54:00", 60))

    assert seen(times) == ["09:53:10 cln", "09:55:59 drt", "09:53:20 cln", "09:56:02 cln"]


def test_an_uptime_above_the_sent_time_lies_after_the_received_time() -> None:
    times = placed("250", sent_s=240)

    assert seen(times) == ["10:00:10 cln"]


def test_bit_31_marks_the_clock_of_the_device() -> None:
    times = placed(f"10 {RTC_10_00_00:#x} 20")

    assert seen(times) == ["09:56:10 cln", "10:00:00 utc", "09:56:20 cln"]


def test_a_boot_without_any_uptime_still_parts_the_boots_around_it() -> None:
    times = placed(f"10 reboot@{RTC_10_00_00:#x} reboot@2 10")

    assert seen(times) == ["09:55:58 drt", "10:00:00 utc", "09:56:02 cln", "09:56:10 cln"]


def test_without_sent_time_the_largest_uptime_stands_in_for_it() -> None:
    times = placed("10 30 20", sent_s=None)

    assert seen(times) == readings([("drt", "09:59:40 10:00:00 09:59:50")])


def test_without_sent_time_a_clock_does_not_stand_in_for_it() -> None:
    times = placed(f"10 {RTC_10_00_00:#x}", sent_s=None)

    assert seen(times) == ["10:00:00 drt", "10:00:00 utc"]


def test_without_sent_time_only_uptimes_of_the_newest_boot_stand_in_for_it() -> None:
    times = placed("500 reboot@2 10", sent_s=None)

    assert seen(times) == readings([("drt", "09:59:49 09:59:52 10:00:00")])


def test_a_given_time_wins_over_uptime_and_clock() -> None:
    lid, raw_time = rows(f"10 {RTC_10_00_00:#x} 20")
    given_us = np.array([us("08:00:00"), us("08:00:01"), NOT_GIVEN])

    times = place_times(
        lid=lid,
        raw_time=raw_time,
        received_us=us("10:00:00"),
        sent_s=240,
        previous_boot_us=None,
        given_us=given_us,
    )

    assert seen(times) == ["08:00:00 utc", "08:00:01 utc", "09:56:20 cln"]


def test_a_reading_without_time_stands_where_its_report_was_received() -> None:
    lid, raw_time = rows(f"10 {NO_TIME:#x} {NO_TIME:#x}")
    given_us = np.array([NOT_GIVEN, NOT_GIVEN, us("08:00:00")])

    times = place_times(
        lid=lid,
        raw_time=raw_time,
        received_us=us("10:00:00"),
        sent_s=240,
        previous_boot_us=None,
        given_us=given_us,
        no_time_word=True,
    )

    assert seen(times) == ["09:56:10 cln", "10:00:00 unk", "08:00:00 utc"]


def test_in_a_signed_list_the_word_for_no_time_is_a_time() -> None:
    times = placed(f"{NO_TIME:#x}")

    assert times.ts_us.tolist() == [(946684800 + 2**31 - 1) * SECOND_US]
    assert times.status.tolist() == [TimeStatus.UTC]


def test_a_report_without_readings_still_tells_the_boot() -> None:
    times = placed("", sent_s=240)

    assert len(times.ts_us) == len(times.status) == times.reboots == 0
    assert times.boot_us == us("09:56:00")


def test_thousands_of_boots_of_68_years_end_at_the_earliest_moment() -> None:
    times = placed(" ".join(["0x7fffffff reboot@0x7fffffff"] * 6000))

    assert times.ts_us[0] == EARLIEST_US
    assert bool((np.diff(times.ts_us) >= 0).all())


def test_a_received_time_at_the_end_of_time_is_held_inside_it() -> None:
    lid, raw_time = rows("0x7fffffff reboot@0 0x7fffffff")

    times = place_times(lid=lid, raw_time=raw_time, received_us=2**62, sent_s=0, previous_boot_us=-(2**62))

    assert times.ts_us.tolist()[1:] == [LATEST_US, LATEST_US]
    assert times.ts_us[0] < LATEST_US


def test_each_status_has_the_code_of_the_api() -> None:
    assert [status.code for status in TimeStatus] == ["unk", "cln", "drt", "utc"]


@pytest.mark.parametrize(
    ("raw_time", "given_us", "clock", "status"),
    [
        (10, None, "09:56:10", TimeStatus.CLN),
        (RTC_10_00_00, None, "10:00:00", TimeStatus.UTC),
        (10, us("08:00:00"), "08:00:00", TimeStatus.UTC),
        (None, us("08:00:00"), "08:00:00", TimeStatus.UTC),
        (10, NOT_GIVEN, "09:56:10", TimeStatus.CLN),
        (None, None, "10:30:00", TimeStatus.UNK),
        (NO_TIME, None, "10:30:00", TimeStatus.UNK),
    ],
)
def test_an_event_is_placed_by_what_it_carries(
    raw_time: int | None, given_us: int | None, clock: str, status: TimeStatus
) -> None:
    placed_event = place_event_time(raw_time, given_us, us("09:56:00"), received_us=us("10:30:00"))

    assert placed_event == (us(clock), status)


def test_an_event_without_time_stands_at_the_boot_if_nothing_else_is_known() -> None:
    assert place_event_time(None, None, us("09:56:00")) == (us("09:56:00"), TimeStatus.UNK)


def test_an_event_of_an_estimated_boot_is_never_after_its_report() -> None:
    received_us = us("10:00:00")

    early = place_event_time(10, None, us("09:56:00"), received_us=received_us, boot_is_exact=False)
    late = place_event_time(1000, None, us("09:56:00"), received_us=received_us, boot_is_exact=False)

    assert early == (us("09:56:10"), TimeStatus.DRT)
    assert late == (received_us, TimeStatus.DRT)


@pytest.mark.parametrize("given_us", [10**30, -(10**30)])
def test_an_event_outside_of_time_is_held_inside_it(given_us: int) -> None:
    ts_us, _ = place_event_time(None, given_us, 0)

    assert ts_us in (EARLIEST_US, LATEST_US)
