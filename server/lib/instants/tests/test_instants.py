"""Instants and their microseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from server.lib.instants import EPOCH, instant_of, us_of


def test_the_microseconds_count_from_1970() -> None:
    assert us_of(EPOCH + timedelta(seconds=1, microseconds=2)) == 1_000_002


def test_the_time_zone_of_an_instant_does_not_matter() -> None:
    east = datetime(1970, 1, 1, 2, 0, tzinfo=timezone(timedelta(hours=2)))

    assert us_of(east) == 0


@pytest.mark.parametrize(
    "instant",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_an_instant_comes_back_to_the_microsecond(instant: datetime) -> None:
    assert instant_of(us_of(instant)) == instant


def test_a_number_beyond_the_year_9999_is_no_instant() -> None:
    with pytest.raises(OverflowError):
        instant_of(2**62)
