"""Calendar buckets, including changes of clocks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.lib.timeseries.buckets import FIRST, LAST, Bucket, BucketError, Stretch
from stack.examples import examples

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "America/Havana",
)
HOUR = timedelta(hours=1)


def edges(bucket: str, start: str, end: str, zone: str = "Europe/Berlin") -> list[str]:
    """Return the edges in local time."""
    tz = ZoneInfo(zone)
    found = Bucket.parse(bucket).edges(_local(start, tz), _local(end, tz), tz, most=20_000)
    return [edge.astimezone(tz).isoformat(timespec="minutes") for edge in found]


def _local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def lengths(bucket: str, start: str, end: str, zone: str = "Europe/Berlin") -> list[timedelta]:
    tz = ZoneInfo(zone)
    found = Bucket.parse(bucket).edges(_local(start, tz), _local(end, tz), tz, most=20_000)
    return [later - earlier for earlier, later in pairwise(found)]


def test_a_day_of_summer_time_has_23_hours_and_one_of_winter_time_25() -> None:
    assert lengths("1d", "2021-03-27", "2021-03-30") == [24 * HOUR, 23 * HOUR, 24 * HOUR]
    assert lengths("1d", "2021-10-30", "2021-11-02") == [24 * HOUR, 25 * HOUR, 24 * HOUR]


def test_hours_are_hours_also_when_clocks_change() -> None:
    assert lengths("1h", "2021-03-28", "2021-03-29") == [HOUR] * 23
    assert lengths("1h", "2021-10-31", "2021-11-01") == [HOUR] * 25


def test_several_hours_keep_to_the_wall_clock() -> None:
    assert edges("6h", "2021-03-28", "2021-03-29") == [
        "2021-03-28T00:00+01:00",
        "2021-03-28T06:00+02:00",
        "2021-03-28T12:00+02:00",
        "2021-03-28T18:00+02:00",
        "2021-03-29T00:00+02:00",
    ]


def test_weeks_begin_on_monday() -> None:
    assert edges("1w", "2021-03-03", "2021-03-09") == [
        "2021-03-01T00:00+01:00",
        "2021-03-08T00:00+01:00",
        "2021-03-15T00:00+01:00",
    ]


def test_months_quarters_and_years_are_those_of_the_calendar() -> None:
    assert edges("1M", "2021-03-28", "2021-04-02") == [
        "2021-03-01T00:00+01:00",
        "2021-04-01T00:00+02:00",
        "2021-05-01T00:00+02:00",
    ]
    assert edges("3M", "2021-05-28", "2021-05-29") == ["2021-04-01T00:00+02:00", "2021-07-01T00:00+02:00"]
    assert edges("1y", "2020-05-28", "2021-01-01") == ["2020-01-01T00:00+01:00", "2021-01-01T00:00+01:00"]


def test_a_half_hour_of_summer_time_brings_back_the_whole_hours() -> None:
    """Lord Howe Island moves its clocks by half an hour."""
    found = edges("1h", "2021-04-04T00:00", "2021-04-04T04:00", "Australia/Lord_Howe")

    assert [edge[11:16] for edge in found] == ["00:00", "01:00", "02:00", "03:00", "04:00"]


def test_a_midnight_that_clocks_leave_out_is_the_first_moment_after_it() -> None:
    assert edges("1d", "2018-11-03", "2018-11-05", "America/Sao_Paulo")[1] == "2018-11-04T01:00-02:00"


def test_a_day_that_the_calendar_leaves_out_is_no_bucket() -> None:
    found = edges("1d", "2011-12-29", "2012-01-01", "Pacific/Apia")

    assert [edge[:10] for edge in found] == ["2011-12-29", "2011-12-31", "2012-01-01"]


def test_nothing_has_no_edges() -> None:
    assert edges("1d", "2021-03-02", "2021-03-02") == []


@pytest.mark.parametrize(
    "text", ["", "1", "h", "0h", "5h", "7m", "2d", "2w", "5M", "2y", "1H", "-1h", "1 h", "99999h", "1\u00a0h"]
)
def test_what_is_no_bucket_is_refused(text: str) -> None:
    with pytest.raises(BucketError):
        Bucket.parse(text)


@pytest.mark.parametrize("bucket", ["1m", "1h", "1d", "1w", "1M", "1y"])
def test_too_many_buckets_are_refused_at_once(bucket: str) -> None:
    with pytest.raises(BucketError, match="more than 100"):
        Bucket.parse(bucket).edges(
            datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), BERLIN, most=100
        )


@settings(max_examples=examples(150), deadline=None)
@given(
    bucket=st.sampled_from(["1m", "15m", "30m", "1h", "2h", "6h", "12h", "1d", "1w", "1M", "6M", "1y"]),
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001  # made aware below
    length=st.floats(0.001, 1000),
)
def test_edges_are_ascending_and_cover_the_range_with_no_bucket_too_many(
    bucket: str, zone: str, start: datetime, length: float
) -> None:
    begin = start.replace(tzinfo=UTC)
    parsed = Bucket.parse(bucket)
    nominal = {"m": 1 / 60, "h": 1, "d": 24, "w": 168, "M": 720, "y": 8760}[parsed.unit] * parsed.count
    end = begin + min(length, 300) * nominal * HOUR

    found = parsed.edges(begin, end, ZoneInfo(zone), most=1000)

    assert all(earlier < later for earlier, later in pairwise(found))
    assert found[0] <= begin < found[1]
    assert found[-2] < end <= found[-1]


@settings(max_examples=examples(60), deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001  # made aware below
)
def test_a_day_bucket_holds_what_the_local_calendar_calls_that_day(zone: str, start: datetime) -> None:
    tz = ZoneInfo(zone)
    begin = start.replace(tzinfo=UTC)

    found = Bucket.parse("1d").edges(begin, begin + timedelta(days=3), tz, most=10)

    for edge, next_edge in pairwise(found):
        moments = [edge, edge + (next_edge - edge) / 2, next_edge - timedelta(seconds=1)]
        assert len({moment.astimezone(tz).date() for moment in moments}) == 1


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Adak", "Asia/Kolkata"])
@pytest.mark.parametrize("bucket", ["1m", "15m", "1h", "12h", "1d", "1w", "1M", "4M", "1y"])
@pytest.mark.parametrize("at", [FIRST, LAST - timedelta(seconds=1)])
def test_the_first_and_the_last_time_of_all_have_buckets(bucket: str, zone: str, at: datetime) -> None:
    found = Bucket.parse(bucket).edges(at, at + timedelta(microseconds=1), ZoneInfo(zone), most=3)

    assert found[0] <= at < found[-1]
    assert all(earlier < later for earlier, later in pairwise(found))


def test_all_years_are_counted() -> None:
    found = Bucket.parse("1y").edges(FIRST, LAST, ZoneInfo("UTC"), most=20_000)

    assert [edge.year for edge in found] == [*range(1, 10_000), 9999]


def test_time_between_two_stretches_is_one_bucket_that_does_not_count() -> None:
    days = [datetime(year, 5, 7, 12, tzinfo=UTC) for year in (1970, 2021, 2021)]
    stretches = [Stretch(day, day + timedelta(hours=1)) for day in days]

    found = Bucket.parse("1d").edges_of(stretches, ZoneInfo("UTC"), most=3)

    assert [f"{edge:%Y-%m-%d}" for edge in found] == ["1970-05-07", "1970-05-08", "2021-05-07", "2021-05-08"]
    with pytest.raises(BucketError):
        Bucket.parse("1d").edges_of(stretches[:2], ZoneInfo("UTC"), most=1)
