from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.rest.moments import parse_moment

NOON = datetime(2021, 3, 1, 12, 0, tzinfo=UTC)
MIDNIGHT = NOON.replace(hour=0)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-03-01T12:00:00Z", NOON),
        ("2021-03-01T12:00:00", NOON),
        ("2021-03-01 12:00", NOON),
        ("2021-03-01T14:00:00+02:00", NOON),
        ("2021-03-01T14:00:00 02:00", NOON),
        ("2021-03-01 14:00 0200", NOON),
        ("2021-03-01T07:00:00-05:00", NOON),
        ("2021-03-01T12:00:00.123Z", NOON.replace(microsecond=123_000)),
        ("2021-03-01T12:00:00.123456", NOON.replace(microsecond=123_456)),
        ("2021-03-01t12:00:00z", NOON),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2017-01-01T00:59:60.5+01:00", datetime(2017, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2021-03-01T14:00:00.123 02:00", NOON.replace(microsecond=123_000)),
        ("2021-03-01", MIDNIGHT),
        (" 2021-03-01 ", MIDNIGHT),
        ("2021-3-1", MIDNIGHT),
        ("2021-3-1T12:00:00Z", NOON),
        ("2021-03-01T9:00:00Z", NOON.replace(hour=9)),
        ("2021-03-01 9:5", NOON.replace(hour=9, minute=5)),
        ("2021-03-01T9:5:7.5-05:00", NOON.replace(hour=14, minute=5, second=7, microsecond=500_000)),
        ("2021-03-01T9:00:00 02:00", NOON.replace(hour=7)),
    ],
)
def test_a_moment_is_read_in_every_form_that_clients_send(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "yesterday", "2021", "20210301", "12:00", "2021-02-30T12:00:00Z"),
        *("2021-02-30", "2021-13-01", "21-3-1", "2021-03-01Z", "2021-03-011", "2021-W10-1", "2021-03-01T"),
        *("2021-03-01T12:00:00+99:00", "2021-03-01T12:00:00ZZ", "0001-01-01T00:00:00+14:00"),
        *("2021-03-01T12:00:60Z", "2021-03-01T23:59:61Z", "9999-12-31T23:59:60Z"),
        *("2021-03-01T12:00:00\0", "9" * 5000, "2021-03-01T25:00:00Z"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="A time such as 2021-03-01T11:23:15Z is needed"):
        parse_moment(text)


@given(st.datetimes(timezones=st.timezones()))
def test_what_python_prints_is_read_as_the_same_moment(moment: datetime) -> None:
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:
        return

    assert parse_moment(moment.isoformat()) == expected


@given(st.text())
def test_any_text_gives_a_moment_or_a_value_error(text: str) -> None:
    try:
        moment = parse_moment(text)
    except ValueError:
        return

    assert moment.tzinfo is UTC
