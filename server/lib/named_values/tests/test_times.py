"""Times of values: RFC 3339, seconds, milliseconds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.lib.instants import us_of
from server.lib.named_values.times import time_us

NOW = datetime(2026, 3, 1, 11, 23, 15, tzinfo=UTC)
US = us_of(NOW)


@pytest.mark.parametrize(
    "given_time",
    [
        "2026-03-01T11:23:15Z",
        "2026-03-01t11:23:15z",
        "2026-03-01 12:23:15+01:00",
        "2026-03-01T11:23:15.000000000Z",
        1_772_364_195,
        1_772_364_195.0,
        1_772_364_195_000,
    ],
)
def test_one_time_can_be_written_in_several_ways(given_time: object) -> None:
    assert time_us(given_time, now=NOW) == US


def test_parts_of_a_second_are_kept_up_to_microseconds() -> None:
    assert time_us("2026-03-01T11:23:14.123456789Z", now=NOW) == US - 1_000_000 + 123_456
    assert time_us(1_772_364_194_123, now=NOW) == US - 1_000_000 + 123_000
    assert time_us(1_772_364_194.25, now=NOW) == US - 750_000


@pytest.mark.parametrize(
    "given_time",
    [
        "2026-03-01T11:23:15",  # of which zone?
        "2026-03-01",
        "2026-13-01T11:23:15Z",
        "2026-03-01T11:23:15 Z",
        "\u0662026-03-01T11:23:15Z",
        "1772364195",
        0,
        12345,  # an uptime
        946_684_799,
        17_723_641_950,  # neither seconds nor milliseconds
        1_772_364_195_000_000,  # microseconds
        -1,
        float("inf"),
        10**400,
        True,
        None,
        [],
    ],
)
def test_an_ambiguous_time_is_refused(given_time: object) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        time_us(given_time, now=NOW)


def test_a_time_more_than_a_day_ahead_is_refused() -> None:
    assert time_us("2026-03-02T11:23:15Z", now=NOW) == US + 86_400_000_000
    with pytest.raises(ValueError, match="future: it is 2026-03-01T11:23:15Z on the server"):
        time_us("2026-03-02T11:23:16Z", now=NOW)
    with pytest.raises(ValueError, match="neither"):
        time_us(1_772_364_195 + 86_401, now=NOW)


@given(st.integers(min_value=946_684_800, max_value=US // 1_000_000))
def test_seconds_and_milliseconds_are_never_taken_for_each_other(seconds: int) -> None:
    assert time_us(seconds, now=NOW) == time_us(seconds * 1000, now=NOW) == seconds * 1_000_000
