"""Times as text, as Python, phones and people write them."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.lib.formats import FormatError
from server.lib.formats.instants import format_instant, parse_instant

UNHURRIED = settings(deadline=None)  # a busy machine is no failure
TEN_SECONDS_INTO_2020 = 1_577_836_810_000_000


@pytest.mark.parametrize(
    ("text", "after_us"),
    [
        ("2020-01-01T00:00:10Z", 0),
        ("2020-01-01t00:00:10z", 0),
        ("2020-01-01T00:00:10", 0),
        ("2020-01-01 00:00:10", 0),
        ("2020-01-01T00:00:10.000Z", 0),
        ("2020-01-01T00:00:10.25Z", 250_000),
        ("2020-01-01T00:00:10.123456", 123_456),
        ("2020-01-01T00:00:10.123456789Z", 123_456),
        ("2020-01-01T02:00:10+02:00", 0),
        ("2020-01-01T02:00:10+0200", 0),
        ("2019-12-31T18:30:10.5-05:30", 500_000),
    ],
)
def test_every_way_to_write_a_time_is_read_as_utc(text: str, after_us: int) -> None:
    assert parse_instant(text, "timestamp") == TEN_SECONDS_INTO_2020 + after_us


def test_a_leap_second_is_the_second_after_it() -> None:
    leap, after = (
        parse_instant(text, "timestamp") for text in ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z")
    )

    assert leap == after


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2020-01-01",
        "2020-W01-1T00:00:10Z",
        "20200101T000010Z",
        "2020-02-30T00:00:10Z",
        "2020-01-01T24:00:10Z",
        "2020-01-01T00:00:60Z",
        "2020-01-01T23:59:61Z",
        "9999-12-31T23:59:60Z",
        "2020-01-01T00:00:10+25:00",
        "2020-01-01T00:00:10Z ",
        "2020-01-01T00:00:10Z\n",
        "\u0662\u0660\u0662\u0660-01-01T00:00:10Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_time_is_refused_by_field(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_instant(text, "data[0].timestamp")

    assert (caught.value.reason, caught.value.field) == ("bad-timestamp", "data[0].timestamp")


@UNHURRIED
@given(st.datetimes())
def test_a_time_of_any_year_comes_back_as_it_was_written(instant: datetime) -> None:
    instant_us = parse_instant(instant.isoformat(), "timestamp")

    again_us = parse_instant(format_instant(instant_us), "timestamp")

    assert again_us == instant_us


@pytest.mark.parametrize("instant_us", [-(2**62), 2**62])
def test_a_time_beyond_the_calendar_is_not_written(instant_us: int) -> None:
    with pytest.raises(FormatError) as caught:
        format_instant(instant_us)

    assert caught.value.reason == "out-of-range"
