"""System streams that only reports made: their data are there for those who name them, but as in
the original cloud no list has a record of them."""

from importlib import import_module
from typing import Final

import pytest
from django.db import connection
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device
from server.apps.devices.tests.factories import make_project
from server.apps.streams.models import StreamId, StreamVariable, VariableTemplate, VarTypeOutputUnit
from server.apps.streams.services.relabelling import move_streams
from server.apps.streams.services.sensor_graphs import follow_sensor_graph
from server.apps.streams.tests.data import getter, store, text

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

API: Final = "/api/v1/"
COMPLETE, INPUT_9 = 0x5A05, 0x5009


@pytest.fixture
def owner(alice: Account) -> APIClient:
    return api_client(alice)


@pytest.fixture
def system(device: Device) -> StreamId:
    """The stream of a mark that the device reported, beside its own 5001."""
    store(device, 1)
    store(device, 2, lid=COMPLETE, first_id=2)
    return StreamId.objects.select_related("variable").get(device=device, var_lid=COMPLETE)


def lids(owner: APIClient, path: str, field: str = "var_lid") -> list[int]:
    return [row[field] for row in owner.get(f"{API}{path}").json()["results"]]


def test_it_is_in_no_list_unless_wanted(owner: APIClient, device: Device, system: StreamId) -> None:
    project = system.project
    assert project is not None

    assert lids(owner, f"stream/?device={device.slug}") == [0x5001]
    assert lids(owner, f"stream/?device={device.slug}&system=1") == [0x5001, COMPLETE]
    assert lids(owner, f"variable/?project={project.pk}", "lid") == [0x5001]
    assert lids(owner, f"variable/?project={project.pk}&system=1", "lid") == [0x5001, COMPLETE]
    assert owner.get(f"{API}project/{project.pk}/extra/").json()["counts"]["streams"] == 1
    assert owner.get(f"{API}project/{project.pk}/extra/").json()["counts"]["variables"] == 1


def test_a_device_says_that_it_has_no_record(owner: APIClient, device: Device, system: StreamId) -> None:
    counts = owner.get(f"{API}device/{device.slug}/extra/").json()["stream_counts"]

    assert counts[system.slug] == {"data_cnt": 2, "event_cnt": 0, "has_streamid": False}
    assert [each["has_streamid"] for slug, each in counts.items() if slug != system.slug] == [True]


def test_its_data_are_read_by_its_slug(owner: APIClient, alice: Account, system: StreamId) -> None:
    rows = owner.get(f"{API}data/?filter={system.slug}").json()
    table = text(getter(alice)(f"{API}df/?filter={system.slug}")).splitlines()

    assert rows["count"] == 2
    assert table[0] == "row,int_value,stream_slug"
    assert [line.split(",")[1] for line in table[1:]] == [str(row["int_value"]) for row in rows["results"]]


def test_a_table_of_a_whole_device_has_values(alice: Account, device: Device, system: StreamId) -> None:
    assert text(getter(alice)(f"{API}df/?filter={device.slug}")).startswith("row,value,stream_slug\n")


def test_a_stream_of_the_users_own_is_listed_whoever_made_it(owner: APIClient, device: Device) -> None:
    store(device, 1, lid=INPUT_9)

    assert lids(owner, f"stream/?device={device.slug}") == [0x5001, INPUT_9]


def test_who_creates_its_record_gets_the_stream_with_its_data(
    owner: APIClient, device: Device, system: StreamId
) -> None:
    body = {"variable": system.variable.slug, "device": device.slug, "data_label": "Uploads"}

    made = owner.post(f"{API}stream/", body, format="json")
    again = owner.post(f"{API}stream/", body, format="json")

    assert (made.status_code, made.json()["slug"], made.json()["data_label"]) == (201, system.slug, "Uploads")
    assert again.status_code == 400
    assert lids(owner, f"stream/?device={device.slug}") == [0x5001, COMPLETE]
    assert owner.get(f"{API}stream/{system.slug}/data/").json()["count"] == 2


def test_who_creates_its_variable_names_it(owner: APIClient, system: StreamId) -> None:
    project = system.project
    assert project is not None
    body = {"project": str(project.pk), "lid": COMPLETE, "name": "Uploads"}

    made = owner.post(f"{API}variable/", body, format="json")

    assert (made.status_code, made.json()["id"]) == (201, str(system.variable_id))
    assert lids(owner, f"variable/?project={project.pk}", "lid") == [0x5001, COMPLETE]


def test_a_change_makes_a_record(owner: APIClient, device: Device, system: StreamId) -> None:
    owner.patch(f"{API}stream/{system.slug}/", {"data_label": "Uploads"}, format="json")

    assert lids(owner, f"stream/?device={device.slug}") == [0x5001, COMPLETE]


def test_a_sensor_graph_that_has_it_makes_a_record_with_its_units(
    owner: APIClient, alice: Account, device: Device, system: StreamId
) -> None:
    assert device.sg is not None
    unit = VarTypeOutputUnit.objects.select_related("var_type").order_by("pk")[0]
    VariableTemplate.objects.create(
        sg=device.sg, label="Uploads", lid=COMPLETE, var_type=unit.var_type, default_output_unit=unit
    )

    follow_sensor_graph(device=device, by=alice)

    row = owner.get(f"{API}stream/{system.slug}/").json()
    assert (row["var_name"], row["output_unit"]["slug"]) == ("Uploads", unit.slug)
    assert lids(owner, f"stream/?device={device.slug}") == [0x5001, COMPLETE]
    assert StreamVariable.objects.get(lid=COMPLETE).output_unit == unit


def test_a_move_keeps_both_kinds_apart(acme: Org, device: Device, system: StreamId) -> None:
    into = make_project(org=acme)

    move_streams(device, into)

    kinds = StreamVariable.objects.filter(project=into).values_list("lid", "declared")
    assert dict(kinds) == {0x5001: True, COMPLETE: False}


def test_existing_streams_are_marked_by_the_migration(system: StreamId) -> None:
    StreamId.objects.update(declared=True)
    StreamVariable.objects.update(declared=True)
    with connection.cursor() as cursor:
        cursor.execute(import_module("server.apps.streams.migrations.0008_mark_undeclared_streams").MARK)

    assert list(StreamId.objects.filter(declared=False)) == [system]
    assert list(StreamVariable.objects.filter(declared=False)) == [system.variable]
