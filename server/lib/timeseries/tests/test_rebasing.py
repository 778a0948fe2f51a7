"""Reboots that came with other reports: the times are as if one report had brought everything."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from server.lib.timeseries import (
    REBOOT_STREAM,
    EndedBoot,
    PlacedRows,
    PlacedTimes,
    RawReadings,
    ReportBase,
    TimeStatus,
    ended_boot,
    place_times,
    place_with_reboots,
    reboots_at,
)
from server.lib.timeseries.tests.reports import SECOND_US, readings, seen, us
from stack.examples import examples

RECEIVED_US = 1_614_592_800_000_000
OUTPUT_1 = 0x5001
uptimes = st.integers(0, 10**6)


@st.composite
def working_devices(draw: st.DrawFn) -> RawReadings:
    """A device whose uptime grows from each boot on; every tenth id is one of its readings."""
    boots = draw(st.lists(st.lists(uptimes, min_size=1, max_size=6), min_size=1, max_size=6))
    lid, raw_time = [], []
    for number, boot in enumerate(boots):
        lid += [REBOOT_STREAM if number else OUTPUT_1, *[OUTPUT_1] * (len(boot) - 1)]
        raw_time += sorted(boot)
    ids = 10 * np.arange(1, len(lid) + 1)
    return RawReadings(ids, np.array(lid, dtype=np.uint16), np.array(raw_time, dtype=np.uint32))


def in_one_report(rows: RawReadings, base: ReportBase) -> PlacedTimes:
    return place_times(
        lid=rows.lid,
        raw_time=rows.raw_time,
        received_us=base.received_us,
        sent_s=base.sent_s,
        previous_boot_us=base.previous_boot_us,
    )


def reboots_of(rows: RawReadings) -> RawReadings:
    marks = rows.where(rows.lid == REBOOT_STREAM)
    return reboots_at(marks.reading_id, marks.raw_time)


def timed(placed: PlacedTimes) -> list[tuple[int, int]]:
    return list(zip(placed.ts_us.tolist(), placed.status.tolist(), strict=True))


bases = st.builds(
    ReportBase,
    received_us=st.just(RECEIVED_US),
    sent_s=uptimes,
    previous_boot_us=st.none() | st.integers(RECEIVED_US - 10**13, RECEIVED_US),
)


@given(rows=working_devices(), base=bases)
@settings(max_examples=examples(150), deadline=None)
def test_reboots_from_elsewhere_are_borders_as_if_the_report_had_them(
    rows: RawReadings, base: ReportBase
) -> None:
    users = rows.lid != REBOOT_STREAM

    placed = place_with_reboots(rows.where(users), reboots_of(rows), base)

    whole = in_one_report(rows, base)
    assert timed(placed) == [each for each, user in zip(timed(whole), users.tolist(), strict=True) if user]
    assert (placed.boot_us, placed.reboots) == (whole.boot_us, whole.reboots)


@given(rows=working_devices(), base=bases)
@settings(max_examples=examples(50), deadline=None)
def test_reboots_that_the_report_has_itself_do_not_count_twice(rows: RawReadings, base: ReportBase) -> None:
    assert timed(place_with_reboots(rows, reboots_of(rows), base)) == timed(in_one_report(rows, base))


@given(rows=working_devices(), base=bases, cut_after=st.integers(1, 30))
@settings(max_examples=examples(200), deadline=None)
def test_a_cut_report_and_its_sequel_are_placed_like_one_long_report(
    rows: RawReadings, base: ReportBase, cut_after: int
) -> None:
    cut, sequel = rows.where(rows.reading_id <= 10 * cut_after), rows.where(rows.reading_id > 10 * cut_after)
    assume(len(reboots_of(sequel)) > 0)
    before_reboot = sequel.reading_id < reboots_of(sequel).reading_id[0]

    rest = in_one_report(
        sequel, base if not len(reboots_of(cut)) else ReportBase(RECEIVED_US, base.sent_s, None)
    )
    first = int(np.count_nonzero(before_reboot))
    ended = ended_boot(
        placed_rows(rest, sequel, slice(first, first + 1)), placed_rows(rest, sequel, slice(first))
    )
    begin = place_with_reboots(cut, reboots_of(cut), base, ended=ended)

    assert timed(begin) + timed(rest) == timed(in_one_report(rows, base))


def placed_rows(placed: PlacedTimes, rows: RawReadings, chosen: slice) -> PlacedRows:
    return PlacedRows(placed.ts_us[chosen], rows.raw_time[chosen], placed.status[chosen])


def test_of_a_boot_that_nothing_more_is_known_of_the_last_reading_is_its_end() -> None:
    rows = RawReadings(
        np.array([1, 2]), np.full(2, OUTPUT_1, dtype=np.uint16), np.array([10, 30], dtype=np.uint32)
    )

    placed = place_with_reboots(
        rows,
        reboots_at(np.empty(0, np.int64), np.empty(0, np.uint32)),
        ReportBase(us("10:00:00"), 240, None),
        ended=EndedBoot(us("09:50:00")),
    )

    assert seen(placed) == readings([("drt", "09:49:40 09:50:00")])
    assert placed.boot_us == us("09:56:00")


def test_a_reading_of_an_ended_boot_is_never_after_its_end() -> None:
    rows = RawReadings(np.array([1]), np.array([OUTPUT_1], dtype=np.uint16), np.array([500], dtype=np.uint32))

    placed = place_with_reboots(
        rows,
        reboots_at(np.empty(0, np.int64), np.empty(0, np.uint32)),
        ReportBase(us("10:00:00"), 240, None),
        ended=EndedBoot(us("09:50:00"), us("09:45:00"), TimeStatus.CLN),
    )

    assert seen(placed) == readings([("drt", "09:50:00")])


def test_a_clock_that_was_set_says_nothing_of_the_boot() -> None:
    set_clock = 0x8000_0000 + 500_000_000
    before = PlacedRows(
        np.array([us("09:40:10"), 5 * SECOND_US]),
        np.array([10, set_clock], dtype=np.uint32),
        np.array([TimeStatus.DRT, TimeStatus.UTC], dtype=np.uint8),
    )
    reboot = PlacedRows(
        np.array([us("09:50:02")]), np.array([2], dtype=np.uint32), np.array([TimeStatus.CLN], dtype=np.uint8)
    )

    assert ended_boot(reboot, before) == EndedBoot(us("09:49:59"), us("09:40:00"), TimeStatus.DRT)
