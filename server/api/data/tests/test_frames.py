"""Tables of readings: CSV, JSON and MessagePack, long and wide, and the file of one stream."""

import json
from datetime import UTC, datetime, timedelta

import msgpack
import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device
from server.apps.streams.models import DataMask, StreamId
from server.apps.streams.tests.batches import Point, keep
from server.apps.streams.tests.data import START, Get, body, getter, raw, store, text
from server.apps.streams.tests.readings import Given, store_readings

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

IO_2 = 0x5002
MINUTE = timedelta(minutes=1)


@pytest.fixture
def get(alice: Account) -> Get:
    return getter(alice)


@pytest.fixture
def stream(device: Device) -> StreamId:
    return StreamId.objects.select_related("variable").get(device=device)


def mask(stream: StreamId, start: datetime) -> None:
    assert stream.device is not None
    assert stream.org is not None
    DataMask.objects.create(org=stream.org, target=stream.device.slug, start=start)


def test_a_table_in_csv_has_the_columns_of_the_original_cloud(
    get: Get, device: Device, stream: StreamId
) -> None:
    store_readings(device, [Given(7, START, 10)], received=START)

    response = get(f"/api/v1/df/?filter={device.slug}&format=csv")

    assert response["Content-Type"].startswith("text/csv")
    assert text(response) == f"row,value,stream_slug\n2021-03-01 11:23:15+00:00,37.8541,{stream.slug}\n"


def test_a_table_in_json_has_times_in_milliseconds(get: Get, device: Device, stream: StreamId) -> None:
    store_readings(device, [Given(7, START + timedelta(microseconds=123_999), 10)], received=START)

    response = get(f"/api/v1/df/?filter={device.slug}&format=json")

    assert json.loads(text(response)) == [
        {"row": "2021-03-01T11:23:15.123Z", "value": 37.8541, "stream_slug": stream.slug}
    ]


def test_a_table_in_messagepack_is_a_map_after_the_other(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 3)

    response = get(f"/api/v1/df/?filter={device.slug}&format=msgpack&extended=1")

    unpacker = msgpack.Unpacker()
    unpacker.feed(raw(response))
    found = list(unpacker)
    assert [row["streamer_local_id"] for row in found] == [1, 2, 3]
    assert found[0]["row"] == "2021-03-01T11:23:15.000Z"


def test_an_extended_table_has_ids_and_device_times(get: Get, device: Device) -> None:
    store(device, 1, first_id=9)

    header, line, _ = text(get(f"/api/v1/df/?filter={device.slug}&format=csv&extended=1")).split("\n")

    assert header == "row,value,stream_slug,device_timestamp,streamer_local_id"
    assert line.endswith(",1000,9")


def test_apply_mdo_gives_output_units(get: Get, device: Device) -> None:
    store_readings(device, [Given(7, START, 10)], received=START)

    [row] = json.loads(text(get(f"/api/v1/df/?filter={device.slug}&format=json&apply_mdo=1")))

    assert row["value"] == pytest.approx(10)


def test_a_row_without_a_value_is_empty(get: Get, device: Device, stream: StreamId) -> None:
    keep(Point(START, None, stream=stream.key), Point(START + MINUTE, 1.5, stream=stream.key))

    assert text(get(f"/api/v1/df/?filter={device.slug}&format=txt")).split("\n")[1] == (
        f"2021-03-01 11:23:15+00:00,,{stream.slug}"
    )
    assert json.loads(text(get(f"/api/v1/df/?filter={device.slug}&format=json")))[0]["value"] is None


def test_ranges_and_lastn_and_masks_are_those_of_data(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10)
    mask(stream, START + 8 * MINUTE)

    def rows(query: str) -> int:
        return len(json.loads(text(get(f"/api/v1/df/?filter={device.slug}&format=json{query}"))))

    assert rows("") == 10
    assert rows("&lastn=3") == 3
    assert rows("&lastn=99") == 10
    assert rows("&mask=1") == 2
    assert rows("&start=2021-03-01T11:24:15Z&end=2021-03-01T11:26:15Z") == 2


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/csv"),
        ("application/json, text/plain, */*", "application/json"),  # as axios does
        ("application/json", "application/json"),
        ("text/plain", "text/plain"),
    ],
)
def test_a_table_is_csv_for_a_caller_without_preferences(
    alice: Account, stream: StreamId, accept: str, kind: str
) -> None:
    answer = api_client(alice).get(f"/api/v1/df/?filter={stream.slug}", headers={"Accept": accept})

    assert answer["Content-Type"].startswith(kind)


def test_nothing_is_an_empty_table(get: Get, stream: StreamId) -> None:
    url = f"/api/v1/df/?filter={stream.slug}"

    assert text(get(url)) == text(get(f"{url}&format=csv")) == "row,value,stream_slug\n"
    url = f"{url}&format=json"
    assert json.loads(text(get(url))) == []
    assert json.loads(text(get(f"{url}&pivot=1"))) == []
    assert text(get(f"/api/v1/df/?filter={stream.slug}&format=msgpack")) == ""
    assert [row["row"] for row in json.loads(text(get(f"{url}&stats=1")))][:2] == ["count", "sum"]


def test_a_pivot_has_a_column_for_each_stream(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 2)
    store(device, 1, lid=IO_2, first_id=11)

    lines = text(get(f"/api/v1/df/?filter={device.slug}&format=csv&pivot=1")).splitlines()

    assert lines[0] == f"row,{stream.slug},{stream.slug.replace('--5001', '--5002')}"
    assert lines[1:] == ["2021-03-01 11:23:15+00:00,3.78541,11.0", "2021-03-01 11:24:15+00:00,7.57082,"]


def test_statistics_describe_each_stream(get: Get, device: Device, stream: StreamId) -> None:
    keep(*[Point(START + n * MINUTE, float(n), reading_id=n, stream=stream.key) for n in (1, 2, 6)])

    lines = text(get(f"/api/v1/df/?filter={device.slug}&format=csv&pivot=1&stats=1")).splitlines()

    assert lines[0] == f"row,{stream.slug}"
    assert [line.split(",")[0] for line in lines[1:]] == [
        "count",
        "sum",
        "mean",
        "std",
        "min",
        "median",
        "max",
    ]
    assert [float(line.split(",")[1]) for line in lines[1:]] == pytest.approx([3, 9, 3, 7**0.5, 1, 2, 6])


def test_a_table_longer_than_a_chunk_is_whole(get: Get, device: Device) -> None:
    store(device, 10_500, every_s=1)
    store(device, 10_500, lid=IO_2, first_id=20_000, every_s=1)

    found = text(get(f"/api/v1/df/?filter={device.slug}&format=csv&extended=1")).splitlines()[1:]
    wide = text(get(f"/api/v1/df/?filter={device.slug}&format=csv&pivot=1")).splitlines()[1:]

    assert len({line.rpartition(",")[2] for line in found}) == len(found) == 21_000
    assert [line[:25] for line in found] == sorted(line[:25] for line in found)
    assert len(wide) == 10_500
    assert all(cell for line in wide for cell in line.split(","))


@pytest.mark.parametrize(
    "query", ["filter=nonsense", "", "filter=d--0001&pivot=maybe", "filter=d--0001&lastn=0"]
)
def test_what_cannot_be_read_is_400(get: Get, query: str) -> None:
    assert get(f"/api/v1/df/?{query}").status_code == 400
    assert get(f"/api/v1/df/?{query}&format=csv").status_code == 400


def test_a_table_of_others_is_empty(charlie: Account, device: Device) -> None:
    store(device, 1)

    assert json.loads(text(getter(charlie)(f"/api/v1/df/?filter={device.slug}&format=json"))) == []


def test_a_long_table_costs_a_query_for_each_ten_thousand_rows(get: Get, device: Device) -> None:
    store(device, 20_500, every_s=1)

    with CaptureQueriesContext(connections["streamdata"]) as of_data:
        text(get(f"/api/v1/df/?filter={device.slug}&format=csv"))

    assert len(of_data) == 3
    assert all("LIMIT 10000" in query["sql"] for query in of_data)


# The file of one stream


def test_the_file_of_a_stream_is_an_attachment(get: Get, device: Device, stream: StreamId) -> None:
    store_readings(device, [Given(7, START, 10)], received=START)

    response = get(f"/api/v1/stream/{stream.slug}/csv/")

    assert response["Content-Type"].startswith("text/csv")
    assert response["Content-Disposition"] == f'attachment; filename="{stream.slug}.csv"'
    assert text(response) == "Timestamp,Value\n2021/03/01 11:23:15,10.000000000000002\n"


def test_times_of_the_file_are_the_readers_also_when_clocks_change(
    alice: Account, get: Get, stream: StreamId
) -> None:
    alice.time_zone = "Europe/Berlin"
    alice.save(update_fields=["time_zone"])
    change = datetime(2021, 3, 28, 1, 0, tzinfo=UTC)
    keep(
        Point(change - timedelta(microseconds=1), -1.0, stream=stream.key),
        Point(change, 0.0, reading_id=2, stream=stream.key),
    )

    lines = text(get(f"/api/v1/stream/{stream.slug}/csv/")).splitlines()

    assert [line.split(",")[0] for line in lines[1:]] == ["2021/03/28 01:59:59", "2021/03/28 03:00:00"]
    assert lines[1].split(",")[1].startswith("-0.26")


def test_the_file_always_keeps_to_the_mask(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 10)
    mask(stream, START + 8 * MINUTE)

    assert len(text(get(f"/api/v1/stream/{stream.slug}/csv/")).splitlines()) == 3


def test_the_file_of_others_is_not_there(charlie: Account, stream: StreamId) -> None:
    assert getter(charlie)(f"/api/v1/stream/{stream.slug}/csv/").status_code == 404


def test_a_browser_may_ask_for_the_file(alice: Account, stream: StreamId) -> None:
    headers = {"Authorization": f"JWT {issue_jwt(user=alice)}", "Accept": "text/html,*/*;q=0.8"}

    assert Client().get(f"/api/v1/stream/{stream.slug}/csv/", headers=headers).status_code == 200


# DataTables


def test_a_table_for_pages_has_plain_texts_the_newest_first(
    get: Get, device: Device, stream: StreamId
) -> None:
    store(device, 5)

    shown = body(get(f"/api/v1/stream/{stream.slug}/datatable/?draw=3&start=1&length=2&search[value]="))

    assert (shown["draw"], shown["recordsTotal"], shown["recordsFiltered"]) == (3, 5, 5)
    assert [row[1] for row in shown["data"]] == ["4", "3"]
    assert shown["data"][0][0] == "2021-03-01T11:26:15Z"
    assert shown["data"][0][2] == "4"


def test_a_table_for_pages_has_the_oldest_first_if_asked(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 5)

    shown = body(
        get(f"/api/v1/stream/{stream.slug}/datatable/?start=1&length=2&order[0][column]=0&order[0][dir]=asc")
    )

    assert [row[1] for row in shown["data"]] == ["2", "3"]


@pytest.mark.parametrize("query", ["search[value]=x", "order[0][column]=1", "order[0][dir]=up"])
@pytest.mark.parametrize("table", ["datatable", "eventtable"])
def test_a_table_for_pages_refuses_what_it_cannot_do(
    get: Get, stream: StreamId, table: str, query: str
) -> None:
    answer = get(f"/api/v1/stream/{stream.slug}/{table}/?columns[0][data]=0&{query}")

    assert answer.status_code == 400
    assert [*answer.json()] == [query.partition("=")[0]]


def test_a_table_of_events_for_pages_is_empty_without_events(get: Get, stream: StreamId) -> None:
    assert body(get(f"/api/v1/stream/{stream.slug}/eventtable/?draw=1&length=-1")) == {
        "draw": 1,
        "recordsTotal": 0,
        "recordsFiltered": 0,
        "data": [],
    }


@pytest.mark.parametrize("query", ["draw=x", "start=-1", "length=-2", "draw=99999999999"])
def test_a_table_that_cannot_be_drawn_is_400(get: Get, stream: StreamId, query: str) -> None:
    assert get(f"/api/v1/stream/{stream.slug}/datatable/?{query}").status_code == 400
