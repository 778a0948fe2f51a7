from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from server.lib.timeseries import (
    EARLIEST_US,
    LATEST_US,
    REBOOT_STREAM,
    PlacedTimes,
    TimeStatus,
    place_times,
)
from server.lib.timeseries.tests.reports import SECOND_US
from stack.examples import examples

Row = tuple[int, int]
RECEIVED_US = 1_614_592_800_000_000

streams = st.sampled_from([0x5001, 0x5001, 0x5002, REBOOT_STREAM])
uptimes = st.integers(0, 10**6)
raw_times = uptimes | st.integers(0, 2**32 - 1)


def place(report: list[Row], sent_s: int | None, previous_boot_us: int | None) -> PlacedTimes:
    return place_times(
        lid=np.array([lid for lid, _ in report], dtype="<u2"),
        raw_time=np.array([raw for _, raw in report], dtype="<u4"),
        received_us=RECEIVED_US,
        sent_s=sent_s,
        previous_boot_us=previous_boot_us,
    )


def walked_back(report: list[Row], sent_s: int) -> list[tuple[int, TimeStatus]]:
    """Apply the rule as documented: from the last reading to the first, without a previous report
    and with true uptimes."""
    boot_us, status = RECEIVED_US - sent_s * SECOND_US, TimeStatus.CLN
    end_us: int | None = None
    found: list[tuple[int, TimeStatus]] = []
    for lid, raw in reversed(report):
        if end_us is not None:
            boot_us, status, end_us = end_us - raw * SECOND_US, TimeStatus.DRT, None
        found.append((boot_us + raw * SECOND_US, status))
        if lid == REBOOT_STREAM:
            end_us = boot_us - SECOND_US
    return found[::-1]


@st.composite
def working_devices(draw: st.DrawFn) -> list[Row]:
    """Reports of a device whose uptime grows from each boot on."""
    boots = draw(st.lists(st.lists(uptimes, min_size=1, max_size=6), max_size=5))
    report: list[Row] = []
    for number, boot in enumerate(boots):
        ordered = [(0x5001, raw) for raw in sorted(boot)]
        report += [(REBOOT_STREAM, ordered[0][1]), *ordered[1:]] if number else ordered
    return report


@given(report=working_devices(), sent_s=uptimes)
@settings(max_examples=examples(150), deadline=None)
def test_all_at_once_gives_the_same_as_reading_by_reading(report: list[Row], sent_s: int) -> None:
    times = place(report, sent_s, None)

    expected = walked_back(report, sent_s)
    newest_end = [ts for ts, status in expected if status is TimeStatus.CLN]
    assert times.ts_us.tolist() == [ts for ts, _ in expected]
    assert times.status.tolist() == [status for _, status in expected]
    assert times.boot_us == RECEIVED_US - sent_s * SECOND_US
    assert not newest_end or min(newest_end) >= times.boot_us


@given(
    report=st.lists(st.tuples(streams, uptimes), max_size=40),
    sent_s=st.none() | uptimes,
    previous_boot_us=st.none() | st.integers(RECEIVED_US - 10**13, RECEIVED_US + 10**13),
)
@settings(max_examples=examples(200), deadline=None)
def test_whatever_precedes_a_reboot_is_placed_before_it(
    report: list[Row], sent_s: int | None, previous_boot_us: int | None
) -> None:
    times = place(report, sent_s, previous_boot_us)

    reboots = [at for at, (lid, _) in enumerate(report) if lid == REBOOT_STREAM]
    for at in reboots:
        assert all(ts < times.ts_us[at] for ts in times.ts_us[:at])
        assert all(ts <= after for ts in times.ts_us[:at] for after in times.ts_us[at:])


@given(
    report=st.lists(st.tuples(streams, raw_times), max_size=40),
    received_us=st.integers(-(2**62), 2**62),
    sent_s=st.none() | st.integers(0, 2**32 - 1),
    previous_boot_us=st.none() | st.integers(-(2**62), 2**62),
)
@settings(max_examples=examples(200), deadline=None)
def test_any_words_are_placed_inside_of_time(
    report: list[Row], received_us: int, sent_s: int | None, previous_boot_us: int | None
) -> None:
    times = place_times(
        lid=np.array([lid for lid, _ in report], dtype="<u2"),
        raw_time=np.array([raw for _, raw in report], dtype="<u4"),
        received_us=received_us,
        sent_s=sent_s,
        previous_boot_us=previous_boot_us,
    )

    assert len(times.ts_us) == len(times.status) == len(report)
    assert all(EARLIEST_US <= ts <= LATEST_US for ts in [*times.ts_us.tolist(), times.boot_us])
