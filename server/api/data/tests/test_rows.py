"""Readings over REST: what a row looks like."""

from datetime import timedelta

import pytest
from django.db import connections

from server.api.data.serializers.rows import DataRow, StreamRow
from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.streams.models import StreamId
from server.apps.streams.services.variables import create_variable
from server.apps.streams.tests.data import START, Get, body, getter, store
from server.apps.streams.tests.readings import Given, store_readings

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

IO_2 = 0x5002


@pytest.fixture
def get(alice: Account) -> Get:
    return getter(alice)


@pytest.fixture
def stream(device: Device) -> StreamId:
    return StreamId.objects.select_related("variable").get(device=device)


def test_a_row_of_a_stream_has_the_documented_fields_in_their_order(
    get: Get, device: Device, stream: StreamId
) -> None:
    store(device, 1)

    [row] = body(get(f"/api/v1/stream/{stream.slug}/data/"))["results"]

    assert list(row) == list(StreamRow().fields)


def test_a_row_of_data_has_the_documented_fields_in_their_order(
    get: Get, device: Device, stream: StreamId
) -> None:
    store(device, 1)

    [row] = body(get(f"/api/v1/data/?filter={stream.slug}"))["results"]

    assert list(row) == list(DataRow().fields)


def test_a_value_goes_from_raw_to_storage_to_output(get: Get, device: Device, stream: StreamId) -> None:
    stream.variable.decimal_places = 2
    stream.variable.save(update_fields=["decimal_places"])
    store_readings(device, [Given(7, START, 10)], received=START)

    [row] = body(get(f"/api/v1/stream/{stream.slug}/data/"))["results"]

    assert row == {
        "type": "ITR",
        "timestamp": "2021-03-01T11:23:15Z",
        "int_value": 10,
        "value": 37.8541,
        "display_value": "10.00",
        "output_value": 10.000000000000002,
        "streamer_local_id": 7,
    }


def test_zero_is_shown_as_zero(get: Get, device: Device, stream: StreamId) -> None:
    stream.variable.decimal_places = 2
    stream.variable.save(update_fields=["decimal_places"])
    store_readings(device, [Given(1, START, 0)], received=START)

    [row] = body(get(f"/api/v1/stream/{stream.slug}/data/"))["results"]

    assert (row["int_value"], row["value"], row["display_value"], row["output_value"]) == (
        0,
        0.0,
        "0.00",
        0.0,
    )


def test_a_stream_of_its_own_unit_is_shown_in_that(get: Get, device: Device, stream: StreamId) -> None:
    stream.output_unit_id = "out--water-meter-volume--liters"
    stream.save(update_fields=["output_unit"])
    store_readings(device, [Given(1, START, 10)], received=START)

    [row] = body(get(f"/api/v1/stream/{stream.slug}/data/"))["results"]

    assert row["output_value"] == 37.8541


def test_a_stream_without_units_shows_its_numbers(
    get: Get, alice: Account, project: Project, device: Device
) -> None:
    create_variable(project=project, lid=IO_2, name="Plain", by=alice)
    store_readings(device, [Given(1, START, 0xFFFF_FFFF, IO_2)], received=START)
    stream = StreamId.objects.get(device=device, var_lid=IO_2)

    [row] = body(get(f"/api/v1/stream/{stream.slug}/data/"))["results"]

    assert row["type"] == "Num"
    assert row["int_value"] == 0xFFFF_FFFF
    assert row["value"] == row["output_value"] == 4294967295.0
    assert row["display_value"] == "4294967295.00"


def test_a_value_that_no_unit_can_hold_is_null(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 1)
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("UPDATE reading SET value = 'NaN', int_value = NULL, device_ts = NULL")

    [row] = body(get(f"/api/v1/stream/{stream.slug}/data/"))["results"]
    [of_data] = body(get(f"/api/v1/data/?filter={stream.slug}"))["results"]

    assert (row["int_value"], row["value"], row["output_value"]) == (None, None, None)
    assert (of_data["int_value"], of_data["value"], of_data["device_timestamp"]) == (None, None, None)


def test_a_row_without_a_value_shows_none(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 2)
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("UPDATE reading SET value = NULL, kind = 3 WHERE seq = 2")

    _, row = body(get(f"/api/v1/stream/{stream.slug}/data/"))["results"]

    assert (row["type"], row["value"], row["output_value"], row["display_value"]) == ("P-1", None, None, "")


def test_times_are_in_whole_seconds(get: Get, device: Device, stream: StreamId) -> None:
    store_readings(device, [Given(1, START + timedelta(microseconds=999_999), 1)], received=START)

    [row] = body(get(f"/api/v1/stream/{stream.slug}/data/"))["results"]

    assert row["timestamp"] == "2021-03-01T11:23:15Z"


def test_a_row_of_data_names_its_project_device_and_variable(
    get: Get, device: Device, project: Project, stream: StreamId
) -> None:
    store_readings(device, [Given(7, START, 10)], received=START)

    [row] = body(get(f"/api/v1/data/?filter={stream.slug}"))["results"]

    assert row["stream"] == stream.slug
    assert row["project"] == project.slug
    assert row["device"] == device.slug
    assert row["variable"] == stream.variable.slug
    assert (row["dirty_ts"], row["status"]) == (False, "utc")


def test_an_estimated_time_is_called_dirty(get: Get, device: Device, stream: StreamId) -> None:
    store(device, 1)
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("UPDATE reading SET status = 2")

    [row] = body(get(f"/api/v1/data/?filter={stream.slug}"))["results"]

    assert (row["dirty_ts"], row["status"]) == (True, "drt")


def test_the_id_of_a_row_is_its_own_and_stays(get: Get, device: Device, stream: StreamId) -> None:
    moment = START + timedelta(microseconds=1)
    store_readings(device, [Given(1, START, 1), Given(2, START, 1), Given(3, moment, 1)], received=START)
    url = f"/api/v1/data/?filter={stream.slug}"

    once, again = (body(get(url))["results"] for _ in range(2))

    assert len({row["id"] for row in once}) == 3
    assert [row["id"] for row in once] == [row["id"] for row in again]
