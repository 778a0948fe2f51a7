"""Trip marks are placed at the time of their word."""

from __future__ import annotations

import numpy as np
import pytest

from server.lib.timeseries import PlacedTimes, TimeStatus, with_trip_times
from server.lib.timeseries.tests.reports import SECOND_US, us

RECEIVED_US = us("10:00:00")
UPTIME_US = us("09:56:10")


def placed(lid: int, word: int, *, given: bool | None = None) -> tuple[int, int]:
    times = PlacedTimes(np.array([UPTIME_US]), np.array([TimeStatus.CLN], dtype=np.uint8), 0, 0)
    result = with_trip_times(
        times,
        lid=np.array([lid], dtype="<u2"),
        value=np.array([word], dtype="<u4"),
        received_us=RECEIVED_US,
        given=None if given is None else np.array([given]),
    )
    return int(result.ts_us[0]), int(result.status[0])


@pytest.mark.parametrize("lid", [0x0E00, 0x0E01])
def test_a_trip_mark_stands_at_its_word(lid: int) -> None:
    word = us("08:30:00") // SECOND_US

    assert placed(lid, word) == (us("08:30:00"), TimeStatus.UTC)


@pytest.mark.parametrize("lid", [0x0E02, 0x5001, 0x5E00])
def test_other_streams_do_not(lid: int) -> None:
    assert placed(lid, us("08:30:00") // SECOND_US) == (UPTIME_US, TimeStatus.CLN)


@pytest.mark.parametrize("word", [0, 1, 946_684_799, RECEIVED_US // SECOND_US + 86_401, 0xFFFF_FFFF])
def test_a_word_that_is_no_moment_of_a_trip_counts_for_nothing(word: int) -> None:
    assert placed(0x0E00, word) == (UPTIME_US, TimeStatus.CLN)


@pytest.mark.parametrize("word", [946_684_800, RECEIVED_US // SECOND_US + 86_400])
def test_the_ends_of_what_is_believed(word: int) -> None:
    assert placed(0x0E00, word) == (word * SECOND_US, TimeStatus.UTC)


def test_an_explicit_time_goes_before_the_word() -> None:
    assert placed(0x0E00, us("08:30:00") // SECOND_US, given=True) == (UPTIME_US, TimeStatus.CLN)
    assert placed(0x0E00, us("08:30:00") // SECOND_US, given=False) == (us("08:30:00"), TimeStatus.UTC)
