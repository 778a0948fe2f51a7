"""Readings summed up by stretches of the calendar, compared with a plain sum in Python."""

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.streams.models import DataMask, StreamId
from server.apps.streams.tests.batches import Point, keep
from server.apps.streams.tests.data import START, Get, body, getter, store

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

HOUR = timedelta(hours=1)


@pytest.fixture
def get(alice: Account) -> Get:
    return getter(alice)


@pytest.fixture
def stream(device: Device) -> StreamId:
    """Without units, so that values are what they are."""
    stream = StreamId.objects.select_related("variable").get(device=device)
    stream.variable.output_unit = None
    stream.variable.save(update_fields=["output_unit"])
    StreamId.objects.update(output_unit=None)
    return stream


def put(stream: StreamId, points: Sequence[tuple[datetime, float | None]]) -> None:
    keep(*[Point(at, value, reading_id=n, stream=stream.key) for n, (at, value) in enumerate(points)])


def rows(get: Get, stream: StreamId, query: str) -> list[dict[str, Any]]:
    response = get(f"/api/v1/stream/{stream.slug}/aggregate/?{query}")
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = body(response)["results"]
    return found


def test_a_day_of_berlin_is_summed_up(get: Get, stream: StreamId) -> None:
    """From 23:00 UTC to 22:00 UTC on the day of summer time."""
    put(stream, [(datetime(2021, 3, 27, 22, 59, tzinfo=UTC) + n * HOUR, float(n)) for n in range(25)])

    found = rows(
        get, stream, "bucket=1d&tz=Europe/Berlin&start=2021-03-27T12:00:00Z&end=2021-03-30T12:00:00Z"
    )

    assert [(row["start"], row["end"], row["count"]) for row in found] == [
        ("2021-03-27T12:00:00Z", "2021-03-27T23:00:00Z", 1),
        ("2021-03-27T23:00:00Z", "2021-03-28T22:00:00Z", 23),
        ("2021-03-28T22:00:00Z", "2021-03-29T22:00:00Z", 1),
    ]
    day = found[1]
    assert (day["min"], day["max"], day["avg"], day["sum"]) == (1.0, 23.0, 12.0, 276.0)
    assert (day["first"], day["last"]) == (1.0, 23.0)


def test_only_what_is_asked_for_is_answered(get: Get, stream: StreamId) -> None:
    put(stream, [(START, 1.0)])

    [row] = rows(get, stream, "bucket=1h&fn=max,count")

    assert list(row) == ["start", "end", "max", "count"]


def test_without_a_range_it_is_the_whole_stream(get: Get, stream: StreamId) -> None:
    put(stream, [(START + n * HOUR, 1.0) for n in range(50)])

    assert sum(row["count"] for row in rows(get, stream, "bucket=1M&fn=count")) == 50


def test_nothing_is_an_empty_list(get: Get, stream: StreamId) -> None:
    assert rows(get, stream, "bucket=1d") == []
    assert rows(get, stream, "bucket=1d&start=2021-03-01T00:00:00Z&end=2021-03-02T00:00:00Z") == []
    assert rows(get, stream, "bucket=1d&start=2021-03-02T00:00:00Z&end=2021-03-01T00:00:00Z") == []


def test_values_are_in_the_output_unit(get: Get, device: Device) -> None:
    store(device, 3)
    stream = StreamId.objects.get(device=device)

    [shown] = rows(get, stream, "bucket=1d")
    [stored] = rows(get, stream, "bucket=1d&unit=storage")

    assert [round(shown[name], 9) for name in ("avg", "min", "max", "sum", "first", "last")] == [
        2,
        1,
        3,
        6,
        1,
        3,
    ]
    assert stored["max"] == pytest.approx(3 * 3.78541)


def test_the_offset_of_a_unit_counts_for_each_value_of_a_sum(get: Get, stream: StreamId) -> None:
    put(stream, [(START, 273.15), (START + HOUR, 283.15)])
    StreamId.objects.update(output_unit="out--temp--celsius")

    [row] = rows(get, stream, "bucket=1d")

    assert (row["sum"], row["avg"], row["min"]) == (pytest.approx(10), pytest.approx(5), pytest.approx(0))


def test_the_mask_hides_what_is_outside(get: Get, stream: StreamId) -> None:
    put(stream, [(START + n * HOUR, float(n)) for n in range(10)])
    assert stream.device is not None
    assert stream.org is not None
    DataMask.objects.create(org=stream.org, target=stream.device.slug, start=START + 4 * HOUR)

    assert sum(row["count"] for row in rows(get, stream, "bucket=1d")) == 6


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "bucket"),
        ("bucket=7m", "bucket"),
        ("bucket=x", "bucket"),
        ("bucket=1d&tz=Mars/Olympus", "tz"),
        ("bucket=1d&tz=../../etc/passwd", "tz"),
        ("bucket=1d&tz=%00", "tz"),
        ("bucket=1d&tz=" + "x" * 500, "tz"),
        ("bucket=1d&fn=median", "fn"),
        ("bucket=1d&fn=,", "fn"),
        ("bucket=1d&start=x", "start"),
    ],
)
def test_what_cannot_be_answered_is_named(get: Get, stream: StreamId, query: str, named: str) -> None:
    response = get(f"/api/v1/stream/{stream.slug}/aggregate/?{query}")

    assert response.status_code == 400
    assert list(body(response)) == [named]


def test_all_years_can_be_summed_up(get: Get, stream: StreamId) -> None:
    put(stream, [(START, 1.0)])

    found = rows(get, stream, "bucket=1y&start=0001-01-01T00:00:00Z&end=9999-12-31T00:00:00Z&fn=count")

    assert [row["count"] for row in found] == [1]


def test_a_stream_of_others_is_not_there(charlie: Account, stream: StreamId) -> None:
    assert getter(charlie)(f"/api/v1/stream/{stream.slug}/aggregate/?bucket=1d").status_code == 404


def test_a_sum_takes_few_queries(get: Get, stream: StreamId) -> None:
    put(stream, [(START + n * HOUR, float(n)) for n in range(100)])
    url = f"/api/v1/stream/{stream.slug}/aggregate/?bucket=1d"
    get(url)

    with (
        CaptureQueriesContext(connections["default"]) as of_core,
        CaptureQueriesContext(connections["streamdata"]) as of_data,
    ):
        get(url)

    assert (len(of_core), len(of_data)) == (2, 2)  # who asks, the gate; where the stream ends, the sums


# Against plain Python

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)


def label(moment: datetime, bucket: str) -> tuple[object, ...]:
    """Returns the name of the bucket that a local time is in."""
    if bucket == "15m":
        return (moment.date(), moment.hour, moment.minute // 15, moment.utcoffset())
    if bucket == "1h":
        return (moment.date(), moment.hour, moment.utcoffset())
    if bucket == "1d":
        return (moment.date(),)
    if bucket == "1w":
        return tuple(moment.isocalendar()[:2])
    return (moment.year, moment.month) if bucket == "1M" else (moment.year,)


@pytest.mark.parametrize("seed", range(40))
def test_it_is_the_sum_that_plain_python_makes(get: Get, stream: StreamId, seed: int) -> None:
    chance = random.Random(seed)
    bucket = ("15m", "1h", "1d", "1h", "1w", "1M", "1y", "1h")[seed % 8]
    zone = ZoneInfo(
        chance.choice([name for name in ZONES if bucket not in {"15m", "1h"} or "Lord" not in name])
    )
    span = {"15m": 2, "1h": 5, "1d": 40, "1w": 200, "1M": 700, "1y": 2000}[bucket]
    begin = datetime(2020, chance.choice([3, 10]), chance.randint(1, 28), tzinfo=UTC)
    points: list[tuple[datetime, float | None]] = [
        (
            begin + timedelta(seconds=chance.randint(0, span * 86400)),
            chance.choice([None, chance.uniform(-9, 9)]),
        )
        for _ in range(400)
    ]
    put(stream, points)
    start = begin + timedelta(seconds=chance.randint(0, span * 30_000))
    end = start + timedelta(seconds=chance.randint(1, span * 50_000))

    query = f"bucket={bucket}&tz={zone.key}&start={start:%Y-%m-%dT%H:%M:%SZ}&end={end:%Y-%m-%dT%H:%M:%SZ}"
    found = rows(get, stream, query)

    expected: dict[tuple[object, ...], list[tuple[datetime, int, float]]] = {}
    for reading_id, (at, value) in enumerate(points):
        if value is not None and start <= at < end:
            expected.setdefault(label(at.astimezone(zone), bucket), []).append((at, reading_id, value))
    by_time = sorted((sorted(held) for held in expected.values()), key=lambda held: held[0])
    assert [row["count"] for row in found] == [len(held) for held in by_time]
    for row, held in zip(found, by_time, strict=True):
        numbers = [value for *_, value in held]
        assert (row["first"], row["last"]) == (numbers[0], numbers[-1])
        assert (row["min"], row["max"]) == (min(numbers), max(numbers))
        assert math.isclose(row["sum"], math.fsum(numbers), rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(row["avg"], math.fsum(numbers) / len(numbers), rel_tol=1e-9, abs_tol=1e-9)
        assert row["start"] <= f"{held[0][0]:%Y-%m-%dT%H:%M:%SZ}" < row["end"]


def test_statistics_are_those_of_the_range(get: Get, stream: StreamId) -> None:
    put(stream, [(START + n * 12 * HOUR, float(n)) for n in range(10)])
    url = f"/api/v1/stream/{stream.slug}/stats/"

    assert body(get(url)) == {
        "count": 10,
        "min": 0.0,
        "max": 9.0,
        "sum": 45.0,
        "avg": 4.5,
        "interval_days": 4.5,
    }
    assert body(get(f"{url}?lastn=3"))["sum"] == 24.0
    assert body(get(f"{url}?end=2021-03-02T00:00:00Z"))["count"] == 2


def test_statistics_of_nothing_are_empty(get: Get, stream: StreamId) -> None:
    assert body(get(f"/api/v1/stream/{stream.slug}/stats/")) == {
        "count": 0,
        "min": None,
        "max": None,
        "sum": None,
        "avg": None,
        "interval_days": 0.0,
    }


@pytest.mark.parametrize("bucket", ["1m", "1h", "1d"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_one_reading_of_1970_does_not_spoil_the_buckets_of_the_others(
    get: Get, stream: StreamId, bucket: str, zone: str
) -> None:
    put(stream, [(datetime(1970, 1, 1, 0, 5, tzinfo=UTC), 9.0), (START, 1.0), (START + 40 * HOUR, 2.0)])

    found = rows(get, stream, f"bucket={bucket}&tz={zone}&fn=count,max")

    assert [(row["count"], row["max"]) for row in found] == [(1, 9.0), (1, 1.0), (1, 2.0)]
    length = {"1m": HOUR / 60, "1h": HOUR, "1d": 24 * HOUR}[bucket]
    starts = [datetime.fromisoformat(row["start"]) for row in found]
    ends = [datetime.fromisoformat(row["end"]) for row in found]
    assert ends[0] - starts[0] <= length
    assert ends[1] - starts[1] == length


def test_too_many_buckets_with_readings_say_what_to_give(get: Get, stream: StreamId) -> None:
    put(stream, [(START + n * HOUR / 2, 1.0) for n in range(700)])

    response = get(f"/api/v1/stream/{stream.slug}/aggregate/?bucket=1m")

    assert response.status_code == 400
    assert body(response) == {
        "bucket": ["That makes more than 20000 buckets. Give start and end, or a longer bucket."]
    }


def test_readings_of_all_years_are_counted(get: Get, stream: StreamId) -> None:
    years = [datetime(year, 6, 1, tzinfo=UTC) for year in (1, 2, 1000, 2021, 9998, 9999)]
    put(stream, [(at, 1.0) for at in years])

    found = rows(get, stream, "bucket=1y&fn=count&start=0001-01-02T00:00:00Z&end=9999-12-31T00:00:00Z")

    assert [(row["start"][:4], row["count"]) for row in found] == [(f"{at.year:04}", 1) for at in years]
