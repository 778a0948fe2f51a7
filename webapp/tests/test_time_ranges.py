"""The time range that a chart or table shows."""

from datetime import UTC, datetime, timedelta

import pytest

from server.core.errors import Invalid
from webapp.forms.time_ranges import TimeRange, TimeRangeForm, require_valid, time_range_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def time_range(**query: str) -> TimeRange:
    return time_range_of(require_valid(TimeRangeForm(query)), now=NOW)


def test_a_named_range_reaches_until_now() -> None:
    assert time_range(range="1w") == TimeRange(NOW - timedelta(weeks=1), NOW, "1w")


def test_without_a_wish_it_is_a_day() -> None:
    assert time_range() == TimeRange(NOW - timedelta(days=1), NOW, "1d")


@pytest.mark.usefixtures("berlin")
def test_a_time_without_a_zone_is_the_readers() -> None:
    shown = time_range(start="2026-02-01T00:00", end="2026-02-02T00:00")

    assert shown == TimeRange(
        datetime(2026, 1, 31, 23, tzinfo=UTC), datetime(2026, 2, 1, 23, tzinfo=UTC), "custom"
    )


def test_a_time_may_name_its_zone() -> None:
    shown = time_range(start="2026-02-01T00:00:00.500Z", end="2026-02-02T00:00:00.000Z")

    assert shown.start == datetime(2026, 2, 1, microsecond=500_000, tzinfo=UTC)


def test_a_start_alone_reaches_until_now() -> None:
    assert time_range(start="2026-02-28T00:00Z") == TimeRange(
        datetime(2026, 2, 28, tzinfo=UTC), NOW, "custom"
    )


def test_an_end_alone_is_a_day_that_ends_then() -> None:
    end = datetime(2026, 2, 1, tzinfo=UTC)

    assert time_range(end="2026-02-01T00:00Z") == TimeRange(end - timedelta(days=1), end, "custom")


def test_a_start_in_the_future_without_an_end_is_no_range() -> None:
    assert time_range(start="2027-01-01T00:00Z").name == "1d"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"start": "2026-02-02T00:00", "end": "2026-02-01T00:00"}, "later than the start"),
        ({"start": "2026-02-01T00:00", "end": "2026-02-01T00:00"}, "later than the start"),
        ({"start": "yesterday"}, "valid date"),
        ({"range": "2d"}, "valid choice"),
        ({"start": "0001-01-01T00:00"}, "between 1970 and 2200"),
        ({"end": "9999-12-31T23:59"}, "between 1970 and 2200"),
    ],
)
def test_what_makes_no_sense_is_named(query: dict[str, str], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        time_range(**query)
