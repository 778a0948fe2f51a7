"""Boots that are placed by marks whose word is UTC, and by reports."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from server.lib.timeseries import (
    FixedPoints,
    ReportPoint,
    StoredTimes,
    TimeStatus,
    fixed_points,
    is_same_boot,
    line_of_boot,
    place_boots,
    place_on_line,
    transfer_us,
)
from server.lib.timeseries.tests.reports import SECOND_US, us

CLN, DRT, UTC = TimeStatus.CLN, TimeStatus.DRT, TimeStatus.UTC
BOOT = us("06:00:00")
DAY_S = 86_400


def points(*words: tuple[int, int, int, bool]) -> FixedPoints:
    """Id, uptime, seconds after BOOT, whether it is a mark."""
    ids, uptimes, seconds, marks = (np.array(column) for column in zip(*words, strict=True))
    return fixed_points(
        reading_id=ids,
        raw_time=uptimes.astype(np.uint32),
        utc_us=BOOT + seconds * SECOND_US,
        exact=marks,
    )


def mark(id: int, uptime_s: int, at_s: int | None = None) -> tuple[int, int, int, bool]:
    return id, uptime_s, uptime_s if at_s is None else at_s, True


def report(id: int, sent_s: int, received_s: int | None = None) -> tuple[int, int, int, bool]:
    return id, sent_s, sent_s if received_s is None else received_s, False


def on_line(line: FixedPoints, *readings: tuple[int, int]) -> list[float]:
    """Seconds after BOOT of readings with this id and uptime."""
    ids, uptimes = np.array([id for id, _ in readings]), np.array([uptime for _, uptime in readings])
    seconds: list[float] = ((place_on_line(line_of_boot(line), ids, uptimes) - BOOT) / SECOND_US).tolist()
    return seconds


def boots(
    rows: Sequence[tuple[int, int]],
    reboots: Sequence[int],
    fixed: FixedPoints,
    *,
    status: TimeStatus = DRT,
    at_s: int = 90 * DAY_S,
) -> list[tuple[float, int]]:
    """Seconds after BOOT and status of readings with this id and raw time, which were placed
    `at_s`."""
    stored = StoredTimes(
        np.array([id for id, _ in rows], dtype=np.int64),
        np.array([raw for _, raw in rows], dtype=np.uint32),
        np.full(len(rows), BOOT + at_s * SECOND_US),
        np.full(len(rows), status, dtype=np.uint8),
    )
    new = place_boots(stored, np.array(reboots, dtype=np.int64), fixed)
    return list(zip(((new.ts_us - BOOT) / SECOND_US).tolist(), new.status.tolist(), strict=True))


def test_readings_count_from_the_nearest_mark_outside_of_the_marks() -> None:
    line = points(mark(5, 100), mark(9, 200, 203))

    assert on_line(line, (1, 10), (20, 1000)) == [10, 1003]


def test_between_two_marks_the_drift_is_in_proportion() -> None:
    line = points(mark(1, 0), mark(9, 1000, 1010))

    assert on_line(line, (3, 250), (5, 500), (8, 900)) == [252.5, 505, 909]


def test_a_clock_that_was_set_between_two_marks_is_no_drift() -> None:
    line = points(mark(1, 0), mark(9, 10_000, 20_000))

    assert on_line(line, (3, 2500), (8, 9999)) == [2500, 9999]


def test_no_reading_is_placed_beyond_a_mark_whatever_its_uptime() -> None:
    line = points(mark(5, 100), mark(9, 200))

    assert on_line(line, (4, 5000), (6, 1), (7, 5000), (10, 0)) == [100, 100, 200, 200]


def test_a_report_that_was_long_in_transfer_does_not_count() -> None:
    line = points(report(5, 100, 400), report(6, 101, 102))

    assert on_line(line, (1, 10), (4, 90)) == [11, 91]


def test_a_report_that_is_later_by_what_a_clock_drifts_counts() -> None:
    line = points(report(5, 1000), report(9, DAY_S + 1000, DAY_S + 1005))

    assert on_line(line, (9, DAY_S + 1000)) == [DAY_S + 1005]


def test_a_mark_shows_that_the_only_report_of_its_boot_was_long_in_transfer() -> None:
    line = points(mark(5, 100), report(6, 101, 700))

    assert on_line(line, (1, 10), (7, 110)) == [10, 110]


@pytest.mark.parametrize("at_s", [-32 * DAY_S, DAY_S + 200])
def test_a_mark_that_contradicts_all_reports_of_its_boot_does_not_count(at_s: int) -> None:
    line = points(mark(5, 100, at_s), report(6, 110))

    assert on_line(line, (1, 10)) == [10]


def test_a_mark_of_a_clock_that_lost_its_battery_is_no_fixed_point() -> None:
    at_2000 = 946_684_800 + 60 - BOOT // SECOND_US

    assert len(points(mark(5, 100, at_2000))) == 0


def test_a_mark_before_an_earlier_mark_does_not_count() -> None:
    line = points(mark(5, 100), mark(6, 200, 50))

    assert on_line(line, (7, 300)) == [300]


def test_times_never_decrease_between_a_report_and_a_mark() -> None:
    line = line_of_boot(points(report(5, 100, 102), mark(6, 101)))

    assert ((line.utc_us - BOOT) // SECOND_US).tolist() == [101, 101]


# Several boots


def test_a_boot_with_a_mark_is_placed_by_it_and_is_clean() -> None:
    assert boots([(1, 10), (3, 30)], [4], points(mark(2, 20), report(9, 5, 90 * DAY_S))) == [
        (10, CLN),
        (30, CLN),
    ]


def test_a_boot_without_a_fixed_point_ends_before_the_next_one() -> None:
    found = boots([(1, 10), (2, 50), (3, 2), (4, 60)], [3], points(mark(5, 100, 1100)))

    assert found == [(959, DRT), (999, DRT), (1002, CLN), (1060, CLN)]


def test_a_boot_ends_before_a_clock_time_that_follows_it() -> None:
    stored = StoredTimes(
        np.array([1, 2, 3], dtype=np.int64),
        np.array([10, 50, 0x8000_0000], dtype=np.uint32),
        BOOT + np.array([0, 0, 500]) * SECOND_US,
        np.array([DRT, DRT, UTC], dtype=np.uint8),
    )

    new = place_boots(stored, np.array([4]), points(mark(5, 100, 10_100)))

    assert ((new.ts_us - BOOT) // SECOND_US).tolist() == [460, 500, 500]


def test_nothing_is_placed_after_the_end_of_its_boot() -> None:
    found = boots([(1, 10), (3, 5000), (4, 2)], [4], points(mark(2, 20), mark(5, 3, 103)))

    assert found == [(10, CLN), (99, DRT), (102, CLN)]


def test_a_fixed_point_with_less_uptime_shows_a_reboot_that_is_missing() -> None:
    found = boots([(1, 10), (6, 7)], [], points(mark(2, 500), report(9, 20, 10_020)))

    assert found == [(10, CLN), (10_007, CLN)]


def test_a_known_reboot_explains_less_uptime() -> None:
    found = boots([(1, 10), (3, 510), (4, 2)], [4], points(mark(2, 500), report(9, 20, 10_020)))

    assert found == [(10, CLN), (510, CLN), (10_002, CLN)]


def test_the_newest_boot_without_a_fixed_point_stays_as_it_is() -> None:
    assert boots([(5, 10)], [4], points(mark(2, 20)), at_s=77) == [(77, DRT)]


def test_clock_times_and_explicit_times_stay() -> None:
    assert boots([(1, 10)], [], points(mark(2, 20)), status=UTC, at_s=77) == [(77, UTC)]


# Two reports


def test_the_transfer_of_a_report_shows_by_another_of_its_boot() -> None:
    slow, quick = ReportPoint(10, 1000, BOOT + 300 * SECOND_US), ReportPoint(11, 1301, BOOT)

    assert is_same_boot(slow, quick)
    assert transfer_us(slow, [quick]) == 300 * SECOND_US
    assert transfer_us(quick, [slow]) == 0


def test_whole_seconds_are_no_transfer() -> None:
    assert transfer_us(ReportPoint(10, 100, BOOT + 2 * SECOND_US), [ReportPoint(11, 101, BOOT)]) == 0


@pytest.mark.parametrize(
    ("newer_sent_s", "later_s"),
    [
        pytest.param(100, 5, id="less uptime"),
        pytest.param(2000, 1001, id="room for a reboot"),
        pytest.param(2000, -3601, id="a clock that is wrong"),
    ],
)
def test_reports_that_may_be_of_two_boots_say_nothing_about_each_other(
    newer_sent_s: int, later_s: int
) -> None:
    older = ReportPoint(10, 1000, BOOT)

    assert not is_same_boot(older, ReportPoint(11, newer_sent_s, BOOT + later_s * SECOND_US))
