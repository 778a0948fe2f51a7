"""Reading devices over REST."""

from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device, Project
from server.apps.devices.services.catalogue import create_device_template
from server.apps.devices.tests.factories import make_device, make_project, make_sensor_graph

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

DEVICES = "/api/v1/device/"


def in_org(device: Device, org: Org) -> Device:
    device.org = org
    device.save(update_fields=["org"])
    return device


def in_project(device: Device, project: Project) -> Device:
    device.org, device.project = project.org, project
    device.save(update_fields=["org", "project"])
    return device


def slugs(user: Account, query: str = "") -> set[str]:
    response = api_client(user).get(f"{DEVICES}{query}")
    assert response.status_code == 200, response.content
    return {device["slug"] for device in response.json()["results"]}


def test_a_device_has_the_fields_of_the_original_cloud(alice: Account, project: Project) -> None:
    device = in_project(make_device(number=0x81), project)
    device.lat, device.claimed_by = Decimal("37.5"), alice
    device.save(update_fields=["lat", "claimed_by"])

    shown = api_client(alice).get(f"{DEVICES}{device.slug}/").json()

    assert set(shown) == {
        *("id", "slug", "gid", "label", "active", "external_id", "sg", "template", "org", "project", "lat"),
        *("lon", "state", "busy", "created_on", "claimed_by", "claimed_on"),
    }
    assert shown["id"] == 0x81
    assert shown["gid"] == "0000-0000-0000-0081"
    assert shown["lat"] == "37.500000"
    assert shown["lon"] is None
    assert shown["project"] == str(project.pk)
    assert shown["claimed_by"] == "alice"
    assert shown["busy"] is False


@pytest.mark.parametrize(
    "form", ["d--0081", "d--0000-0081", "D--0000-0000-0000-0081", "b--0001-0000-0000-0081"]
)
def test_a_device_is_found_by_every_form_of_its_slug(alice: Account, project: Project, form: str) -> None:
    device = in_project(make_device(number=0x81), project)

    assert api_client(alice).get(f"{DEVICES}{form}/").json()["slug"] == device.slug


@pytest.mark.parametrize("what", ["d--81", "129", "d--ffff", "nonsense", "%00", "d--" + "0" * 5000])
def test_what_is_no_device_is_not_there(alice: Account, project: Project, what: str) -> None:
    in_project(make_device(number=0x81), project)

    response = api_client(alice).get(f"{DEVICES}{what}/")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not found."}


def test_the_device_of_others_and_one_of_nobody_are_not_there(charlie: Account, project: Project) -> None:
    client = api_client(charlie)
    theirs, nobodys = in_project(make_device(), project), make_device()

    assert client.get(f"{DEVICES}{theirs.slug}/").status_code == 404
    assert client.get(f"{DEVICES}{nobodys.slug}/").status_code == 404
    assert client.get(DEVICES).json()["count"] == 0


def test_the_list_can_be_narrowed_to_a_project_by_uuid_or_slug(alice: Account, acme: Org) -> None:
    here, there = make_project(org=acme), make_project(org=acme)
    device = in_project(make_device(), here)
    in_project(make_device(), there)

    assert slugs(alice, f"?project={here.pk}") == {device.slug}
    assert slugs(alice, f"?project={here.slug}") == {device.slug}


def test_the_list_can_be_narrowed_by_what_a_device_is(alice: Account, acme: Org) -> None:
    graph = make_sensor_graph(org=acme)
    template = create_device_template(sku="Meter", version=(1, 0, 0), org=acme, by=alice)
    device = in_org(make_device(sg=graph), acme)
    device.template, device.external_id = template, "K-17"
    device.save(update_fields=["template", "external_id"])
    in_org(make_device(), acme)

    assert slugs(alice, f"?sg={graph.slug}") == {device.slug}
    assert slugs(alice, f"?dt={template.slug}") == {device.slug}
    assert slugs(alice, "?external_id=K-17") == {device.slug}
    assert slugs(alice, "?org__slug=elsewhere") == set()


def test_claimed_means_what_it_says(alice: Account, project: Project) -> None:
    claimed, not_claimed = in_project(make_device(), project), in_org(make_device(), project.org)

    assert slugs(alice, "?claimed=true") == {claimed.slug}
    assert slugs(alice, "?claimed=false") == {not_claimed.slug}
    assert slugs(alice) == {claimed.slug, not_claimed.slug}


def test_inactive_devices_are_listed_on_request(alice: Account, acme: Org) -> None:
    active, inactive = in_org(make_device(), acme), in_org(make_device(), acme)
    inactive.active = False
    inactive.save(update_fields=["active"])

    assert slugs(alice) == {active.slug}
    assert slugs(alice, "?all=1") == {active.slug, inactive.slug}
    assert slugs(alice, "?all=0") == {active.slug}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("project", "nonsense"), ("project", "p--zz"), ("project", "%00"), ("project", "p" * 5000)),
        *(("claimed", "perhaps"), ("all", "x"), ("external_id", "a%00b"), ("sg", "%00")),
    ],
)
def test_a_value_that_cannot_be_read_is_named(alice: Account, field: str, value: str) -> None:
    response = api_client(alice).get(f"{DEVICES}?{field}={value}")

    assert response.status_code == 400
    assert list(response.json()) == [field]


def test_the_list_takes_three_queries_for_any_length(
    alice: Account, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    graph = make_sensor_graph(org=project.org)
    for _ in range(5):
        in_project(make_device(sg=graph), project)
    client = api_client(alice)

    with django_assert_num_queries(3):  # who asks, how many, the page
        assert client.get(DEVICES).json()["count"] == 5
