"""Each filter of a list narrows it, as in the original cloud."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from rest_framework.test import APIClient

from server.api.tests.json_clients import json_client
from server.api.tests.programs import program_client
from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.services.accounts import create_org
from server.apps.accounts.services.templates import create_org_template
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import ConfigName, Device, DeviceTemplate, PropertyTemplate
from server.apps.devices.services.catalogue import (
    create_component,
    create_device_template,
    create_project_template,
)
from server.apps.devices.services.devices import create_device
from server.apps.devices.services.numbers import next_device_number
from server.apps.devices.tests.factories import make_sensor_graph
from server.apps.streams.models import (
    StreamId,
    StreamNote,
    StreamVariable,
    VariableTemplate,
    VarType,
)
from server.apps.streams.tests.data import START, body, getter, ids, store

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

API: Final = "/api/v1/"


def listed(client: APIClient, path: str, field: str = "slug") -> list[Any]:
    answer = client.get(f"{API}{path}")
    assert answer.status_code == 200, answer.content
    return [row[field] for row in answer.json()["results"]]


@pytest.fixture
def keeper(db: None) -> Account:
    return make_account(username="keeper", is_staff=True)


def test_components_are_found_by_who_created_them(alice: Account, keeper: Account) -> None:
    mine = create_component(sku="BTC1", version=(1, 0, 0), org=None, by=keeper, hw_tag="btc1")

    assert listed(api_client(alice), "component/?created_by=keeper") == [mine.slug]
    assert listed(api_client(alice), f"component/?created_by={keeper.pk}") == [mine.slug]
    assert listed(api_client(alice), "component/?created_by=alice") == []


def test_device_templates_are_found_by_organisation_and_creator(
    alice: Account, acme: Org, keeper: Account
) -> None:
    def make(sku: str, org: Org | None) -> DeviceTemplate:
        return create_device_template(sku=sku, version=(1, 0, 0), org=org, by=keeper, os_tag=1, family="m")

    ours, everybodys = make("Meter", acme), make("Logger", None)
    client = api_client(alice)

    assert listed(client, f"dt/?org__slug={acme.slug}") == [ours.slug]
    assert set(listed(client, "dt/?created_by=keeper")) == {ours.slug, everybodys.slug}
    assert listed(client, f"dt/?created_by=alice&org__slug={acme.slug}") == []


def test_project_templates_are_found_by_organisation(alice: Account, acme: Org, keeper: Account) -> None:
    ours = create_project_template(name="Tanks", version=(1, 0, 0), org=acme, by=keeper)

    assert listed(api_client(alice), f"pt/?org__slug={acme.slug}") == [ours.slug]


def test_organisation_templates_are_found_by_creator(alice: Account, keeper: Account) -> None:
    made = create_org_template(name="Wine", version=(1, 0, 0), extra_data={}, by=keeper)

    assert listed(api_client(alice), "ot/?created_by=keeper") == [made.slug]


def test_sensor_graphs_are_found_by_slug_organisation_and_variable(alice: Account, acme: Org) -> None:
    ours, client = make_sensor_graph(org=acme, name="Tank"), api_client(alice)
    level = VariableTemplate.objects.create(
        sg=ours, label="Level", lid=0x5001, var_type=VarType.objects.get(slug="water-meter-volume")
    )

    assert listed(client, f"sg/?slug={ours.slug}") == [ours.slug]
    assert listed(client, f"sg/?org__slug={acme.slug}") == [ours.slug]
    assert listed(client, f"sg/?variable_templates={level.pk}") == [ours.slug]
    assert listed(client, "sg/?slug=none") == []


def test_variable_types_are_found_by_words_of_their_name(alice: Account) -> None:
    found = listed(api_client(alice), "vartype/?search=WATER")

    assert set(found) == {"water-meter-flow", "water-meter-volume"}


def test_organisations_are_found_by_who_created_them(alice: Account, acme: Org, bob: Account) -> None:
    create_org(name="Bobs", by=bob)

    assert listed(api_client(alice), f"org/?created_by={acme.created_by.slug}") == [acme.slug]
    assert listed(api_client(alice), "org/?created_by=bob") == []


def test_configuration_names_are_found_by_name_part_of_it_and_tag(alice: Account) -> None:
    ConfigName.objects.create(name=":shed:light", tags=["shed", "power"])
    ConfigName.objects.create(name=":barn:light", tags=["barn"])
    client = api_client(alice)

    assert listed(client, "config/name/?name=:shed:light", "name") == [":shed:light"]
    assert listed(client, "config/name/?name_q=LIGHT", "name") == [":barn:light", ":shed:light"]
    assert listed(client, "config/name/?tag=power", "name") == [":shed:light"]


def test_configuration_is_found_by_part_of_its_name(alice: Account, device: Device) -> None:
    client = json_client(alice)
    for name in (":report:trip_status:config", ":shed:light"):
        ConfigName.objects.get_or_create(name=name)
        client.post(f"{API}config/attr/", {"target": device.slug, "name": name, "data": {}})

    assert listed(client, f"config/attr/?target={device.slug}&name_q=trip", "name") == [
        ":report:trip_status:config"
    ]


def test_property_templates_are_found_by_name(alice: Account, acme: Org) -> None:
    for name in ("Colour", "Weight"):
        PropertyTemplate.objects.create(org=acme, name=name, created_by=alice)

    assert listed(api_client(alice), "propertytemplate/?name=Weight", "name") == ["Weight"]


def test_production_lines_find_devices_by_graph_template_and_claim(
    acme: Org, device: Device, keeper: Account
) -> None:
    template = create_device_template(
        sku="Meter", version=(1, 0, 0), org=None, by=keeper, os_tag=1, family="meters"
    )
    fresh = create_device(
        number=next_device_number(), by=None, org=acme, template=template, sg=make_sensor_graph(org=acme)
    )
    line = program_client(acme, OrgApiKey.Scope.PRODUCTION)
    assert fresh.sg is not None

    assert listed(line, f"production/device/?sg={fresh.sg.slug}") == [fresh.slug]
    assert listed(line, f"production/device/?dt={template.slug}") == [fresh.slug]
    assert listed(line, "production/device/?claimed=true") == [device.slug]
    assert listed(line, "production/device/?claimed=0") == [fresh.slug]


def test_notes_are_found_by_their_numbers(alice: Account, device: Device, acme: Org) -> None:
    notes = [
        StreamNote.objects.create(target=device.slug, timestamp=START, note=text, org=acme, created_by=alice)
        for text in ("a", "b", "c", "d")
    ]
    path = f"note/?target={device.slug}&id_min={notes[1].pk}&id_max={notes[2].pk}"

    assert listed(api_client(alice), path, "note") == ["b", "c"]
    assert listed(api_client(alice), f"{path}&lastn=1", "note") == ["c"]


def test_rows_are_found_by_their_exact_time(alice: Account, device: Device) -> None:
    store(device, 5)
    stream = StreamId.objects.get(device=device)
    at = (START + timedelta(minutes=3)).strftime("%Y-%m-%dT%H:%M:%SZ")

    found = body(getter(alice)(f"{API}data/?filter={stream.slug}&timestamp={at}"))

    assert [row["timestamp"] for row in found["results"]] == [at]


def test_an_exact_time_outside_of_the_range_finds_nothing(alice: Account, device: Device, acme: Org) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    StreamNote.objects.create(target=device.slug, timestamp=at, note="a", org=acme, created_by=alice)
    client, path = api_client(alice), f"note/?target={device.slug}&timestamp=2026-01-01"

    assert listed(client, path, "note") == ["a"]
    assert listed(client, f"{path}&start=2026-01-02", "note") == []
    assert listed(client, f"{path}&end=2026-01-01", "note") == []


@pytest.mark.parametrize("latest", ["9999-12-31", "9999-12-31T23:59:59.999999Z"])
def test_the_last_moment_of_the_calendar_is_a_time(alice: Account, device: Device, latest: str) -> None:
    assert listed(api_client(alice), f"note/?target={device.slug}&timestamp={latest}", "note") == []


def test_a_date_in_a_query_is_its_midnight(alice: Account, device: Device) -> None:
    store(device, 5)
    stream, get = StreamId.objects.get(device=device), getter(alice)
    day = START.date()

    assert ids(get(f"{API}data/?filter={stream.slug}&start={day}&lastn=2")) == [4, 5]
    assert ids(get(f"{API}stream/{stream.slug}/data/?end={day}")) == []
    assert get(f"{API}df/?filter={stream.slug}&start={day}&end={day}&format=json").status_code == 200
    assert body(get(f"{API}event/?filter={stream.slug}&start={day}"))["count"] == 0


def test_a_date_in_a_body_is_its_midnight(keeper: Account) -> None:
    made = json_client(keeper).post(
        f"{API}dt/", {"external_sku": "Meter", "family": "meters", "released_on": "2026-11-01"}
    )

    assert made.status_code == 201, made.content
    assert made.json()["released_on"] == "2026-11-01T00:00:00Z"


@pytest.mark.parametrize("query", ["variable_templates=level", "created_by=%00"], ids=["no number", "a null"])
def test_a_filter_that_cannot_be_read_is_named(alice: Account, query: str) -> None:
    answer = api_client(alice).get(f"{API}sg/?{query}")

    assert (answer.status_code, [*answer.json()]) == (400, [query.partition("=")[0]])


def test_streams_of_inactive_devices_are_listed_on_request(alice: Account, device: Device) -> None:
    stream, client = StreamId.objects.get(device=device), api_client(alice)
    Device.objects.filter(pk=device.pk).update(active=False)

    assert listed(client, "stream/") == []
    assert listed(client, "stream/?all=1") == [stream.slug]
    assert listed(client, f"stream/?device={device.slug}") == [stream.slug]


def test_streams_without_a_device_are_listed(alice: Account, device: Device) -> None:
    stream = StreamId.objects.get(device=device)
    StreamId.objects.filter(pk=stream.pk).update(device=None)

    assert listed(api_client(alice), "stream/") == [stream.slug]


def test_staff_list_inactive_devices_too(keeper: Account, alice: Account, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(active=False)

    assert listed(api_client(alice), "device/") == []
    assert device.slug in listed(api_client(keeper), "device/?staff=1")


def test_variables_of_a_project_come_with_those_of_everybody_on_request(
    alice: Account, device: Device
) -> None:
    own = StreamId.objects.select_related("variable").get(device=device).variable
    everybodys = StreamVariable.objects.create(slug="v--0000-0000--5b01", lid=0x5B01, name="Uptime")
    client, path = api_client(alice), f"variable/?project={own.project_id}"

    assert listed(client, path) == [own.slug]
    assert set(listed(client, f"{path}&include_templates=1")) == {own.slug, everybodys.slug}


def test_versions_are_ordered_as_numbers(alice: Account, keeper: Account) -> None:
    tenth, ninth = (
        create_component(sku="BTC1", version=(1, minor, 0), org=None, by=keeper, hw_tag="btc1")
        for minor in (10, 9)
    )

    assert listed(api_client(alice), "component/?created_by=keeper") == [ninth.slug, tenth.slug]
