"""What the original cloud did wrong with data, by number of its list of weak points."""

import json
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.streams.models import StreamId, VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.tests.batches import Point, keep
from server.apps.streams.tests.data import START, Get, body, getter, ids, sender, store, text
from server.apps.streams.tests.readings import Given, store_readings

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def get(alice: Account) -> Get:
    return getter(alice)


@pytest.fixture
def stream(device: Device) -> StreamId:
    return StreamId.objects.select_related("variable").get(device=device)


@pytest.mark.parametrize("slug", ["nonsense", "s--1", "s--0000-0001", "", "\x00", "s" * 5000, "d--0081"])
@pytest.mark.parametrize("path", ["data", "event"])
def test_weak_point_22_a_malformed_stream_in_a_post_is_400(
    alice: Account, stream: StreamId, path: str, slug: str
) -> None:
    given: dict[str, object] = {"int_value": 1} if path == "data" else {"extra_data": {}}

    response = sender(alice)("POST", f"/api/v1/{path}/", {"stream": slug, **given})

    assert (response.status_code, list(body(response))) == (400, ["stream"])


def test_weak_point_22_a_value_of_type_itr_is_stored(alice: Account, stream: StreamId) -> None:
    given = {"stream": stream.slug, "value": 1.5, "type": "ITR"}

    response = sender(alice)("POST", "/api/v1/data/", given)

    assert response.status_code == 201
    assert body(response)["value"] == 1.5


def test_weak_point_22_an_event_for_a_disabled_stream_is_400(alice: Account, stream: StreamId) -> None:
    StreamId.objects.update(enabled=False)

    response = sender(alice)("POST", "/api/v1/event/", {"stream": stream.slug, "extra_data": {}})

    assert (response.status_code, list(body(response))) == (400, ["stream"])


def test_weak_point_24_the_csv_has_the_value_in_the_output_unit(
    get: Get, device: Device, stream: StreamId
) -> None:
    """10 gallons in are 10 gallons out, not 2.64."""
    store_readings(device, [Given(1, START, 10)], received=START)

    line = text(get(f"/api/v1/stream/{stream.slug}/csv/")).splitlines()[1]

    assert float(line.split(",")[1]) == pytest.approx(10)


def test_weak_point_27_zero_is_shown_by_the_rules_of_every_value(get: Get, stream: StreamId) -> None:
    """The stored value is 0 where the raw word is not: 0 is shown, and the word is not converted
    again."""
    stream.variable.decimal_places = 1
    stream.variable.save(update_fields=["decimal_places"])
    keep(Point(START, 0.0, reading_id=99, stream=stream.key))

    [row] = body(get(f"/api/v1/stream/{stream.slug}/data/"))["results"]

    assert (row["int_value"], row["display_value"], row["output_value"]) == (99, "0.0", 0.0)


def test_weak_point_27_lastn_is_what_was_asked_for_up_to_100000(
    get: Get, device: Device, stream: StreamId
) -> None:
    store(device, 10_003, every_s=1)

    found = get(f"/api/v1/stream/{stream.slug}/data/?lastn=10001&page_size=20000")

    assert ids(found)[0] == 3
    assert len(ids(found)) == 10_001


def test_weak_point_27_large_raw_words_are_not_held_within_31_bits(alice: Account, stream: StreamId) -> None:
    StreamId.objects.update(input_unit=None)
    stream.variable.input_unit = None
    stream.variable.save(update_fields=["input_unit"])

    row = body(sender(alice)("POST", "/api/v1/data/", {"stream": stream.slug, "int_value": 3503783303}))

    assert (row["int_value"], row["value"]) == (3503783303, 3503783303.0)


def test_weak_point_27_gallons_of_a_flow_come_out_as_they_went_in() -> None:
    """65536 raw are one gallon a minute."""
    into = VarTypeInputUnit.objects.get(pk="in--water-meter-flow--gallons")
    out = VarTypeOutputUnit.objects.get(pk="out--water-meter-flow--gallons-per-min")

    assert out.mdo.forward(into.mdo.forward(65536.0)) == pytest.approx(1.0, rel=1e-12)


def test_weak_point_28_data_come_by_time_and_not_by_id(get: Get, device: Device, stream: StreamId) -> None:
    keep(
        Point(START.replace(hour=13), 1.0, reading_id=1, stream=stream.key),
        Point(START.replace(hour=11), 1.0, reading_id=3, stream=stream.key),
        Point(START.replace(hour=12), 1.0, reading_id=2, stream=stream.key),
    )

    assert ids(get(f"/api/v1/data/?filter={device.slug}")) == [3, 2, 1]
    table = json.loads(text(get(f"/api/v1/df/?filter={device.slug}&format=json&extended=1")))
    assert [row["streamer_local_id"] for row in table] == [3, 2, 1]


def test_weak_point_28_a_pivot_keeps_readings_of_the_same_time(
    get: Get, device: Device, stream: StreamId
) -> None:
    """The original cloud answers 400. Here the second one has a row of its own."""
    keep(
        Point(START, 1.0, reading_id=1, stream=stream.key),
        Point(START, 2.0, reading_id=2, stream=stream.key),
    )

    found = json.loads(text(get(f"/api/v1/df/?filter={device.slug}&format=json&pivot=1")))

    assert [(row["row"], row[stream.slug]) for row in found] == [
        ("2021-03-01T11:23:15.000Z", 1.0),
        ("2021-03-01T11:23:15.000Z", 2.0),
    ]


@pytest.mark.parametrize(
    "path", ["/api/v1/data/?filter={}", "/api/v1/event/?filter={}", "/api/v1/stream/{}/data/?"]
)
@pytest.mark.parametrize(
    "more", ["&page_size=1", "&page_size=1&cursor=", "&lastn=1", "&start=2031-01-01T00:00:00Z"]
)
def test_weak_point_35a_a_page_reads_no_more_than_its_rows(
    get: Get, device: Device, stream: StreamId, path: str, more: str
) -> None:
    """However many there are, no step of a plan takes more rows than a page and the hours that lead
    to it."""
    store(device, 3000, every_s=60)
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("ANALYZE reading")

    with CaptureQueriesContext(connections["streamdata"]) as of_data:
        assert get(path.format(stream.slug) + more).status_code == 200

    for query in of_data:
        assert _rows_read(query["sql"]) <= 64


def _rows_read(sql: str) -> int:
    """Return the largest number of rows that a step of the plan read."""
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        [(plans,)] = cursor.fetchall()
    return max(_rows_of(plan["Plan"]) for plan in plans)


def _rows_of(step: dict[str, Any]) -> int:
    inner = max((_rows_of(child) for child in step.get("Plans", [])), default=0)
    return max(inner, int(step["Actual Rows"]) * int(step["Actual Loops"]))
