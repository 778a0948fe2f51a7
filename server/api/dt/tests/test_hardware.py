"""Components, device templates and project templates over REST: read by those they are for, kept by
staff."""

from typing import Any, Final

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from server.api.tests.programs import program_client
from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.services.accounts import create_org
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import Component, DeviceTemplate, Project, ProjectTemplate
from server.apps.devices.selectors.catalogue import default_project_template
from server.apps.devices.selectors.devices import projects_of
from server.apps.devices.services.catalogue import (
    create_component,
    create_device_template,
    create_project_template,
    fill_slot,
)
from server.core.errors import Forbidden

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

Scope = OrgApiKey.Scope
API: Final = "/api/v1/"
COMPONENTS, TEMPLATES, PROJECT_TEMPLATES = f"{API}component/", f"{API}dt/", f"{API}pt/"
DEFAULT: Final = "default-template-v1-0-0"


@pytest.fixture
def staff(db: None) -> APIClient:
    return api_client(make_account(username="keeper", is_staff=True))


def make_component(org: Org | None, by: Account, *, sku: str = "BTC1", tag: str = "btc1") -> Component:
    return create_component(sku=sku, version=(3, 0, 0), org=org, by=by, hw_tag=tag)


def make_template(org: Org | None, by: Account, *, sku: str = "Meter") -> DeviceTemplate:
    return create_device_template(sku=sku, version=(1, 2, 3), org=org, by=by, os_tag=1024, family="meters")


def slugs(client: APIClient, path: str) -> set[str]:
    response = client.get(path)
    assert response.status_code == 200, response.content
    return {row["slug"] for row in response.json()["results"]}


def test_a_component_has_the_fields_of_the_original_cloud(staff: APIClient) -> None:
    made = staff.post(
        COMPONENTS,
        {
            "external_sku": "BTC1",
            "internal_sku": "50-0001",
            "type": "BTC",
            "hw_tag": "btc1_v3",
            "hw_name": "Controller",
            "major_version": 3,
            "description": "The board.",
        },
        format="json",
    )

    assert made.status_code == 201, made.content
    shown = staff.get(f"{COMPONENTS}btc1-3-0-0/").json()
    assert made.json() == shown
    assert {key: shown[key] for key in shown if key not in {"id", "created_on"}} == {
        "external_sku": "BTC1",
        "internal_sku": "50-0001",
        "slug": "btc1-3-0-0",
        "type": "BTC",
        "hw_tag": "btc1_v3",
        "hw_name": "Controller",
        "version": "3.0.0",
        "description": "The board.",
    }
    assert set(shown) >= {"id", "created_on"}


def test_a_device_template_has_the_fields_of_the_original_cloud(
    staff: APIClient, alice: Account, acme: Org
) -> None:
    template = make_template(acme, alice)
    fill_slot(template=template, number=0, component=make_component(acme, alice), by=alice)

    shown = api_client(alice).get(f"{TEMPLATES}meter-v1-2-3/").json()

    assert {key: shown[key] for key in shown if key not in {"id", "created_on"}} == {
        "external_sku": "Meter",
        "internal_sku": "",
        "family": "meters",
        "slug": "meter-v1-2-3",
        "org": "acme",
        "version": "v1.2.3",
        "os_tag": 1024,
        "os_version": "v0.0",
        "hw_tag": 0,
        "hw_version": "v0",
        "slots": [{"number": 0, "component": "btc1-3-0-0", "hw_tag": "btc1"}],
        "released_on": None,
    }


def test_the_hardware_tag_of_a_template_is_a_number(staff: APIClient) -> None:
    body = {"external_sku": "Meter", "major_version": 1, "hw_tag": 1027}

    made = staff.post(TEMPLATES, body, format="json")
    sent_back = staff.put(f"{TEMPLATES}meter-v1-0-0/", {**made.json(), "major_version": 1}, format="json")

    assert made.json()["hw_tag"] == 1027
    assert (sent_back.status_code, sent_back.json()["hw_tag"]) == (200, 1027)


def test_a_project_template_has_the_fields_of_the_original_cloud(charlie: Account) -> None:
    shown = api_client(charlie).get(f"{PROJECT_TEMPLATES}{DEFAULT}/").json()

    assert set(shown) == {"id", "name", "slug", "org", "version", "extra_data", "created_on"}
    assert shown["org"] is None
    assert shown["version"] == "v1.0.0"
    assert shown["extra_data"]["web"] == {"projectTemplateSlug": "default"}


@pytest.mark.parametrize("path", [COMPONENTS, TEMPLATES, PROJECT_TEMPLATES])
def test_what_is_built_in_or_a_vendors_is_for_everybody_and_the_rest_for_its_organisation(
    alice: Account, acme: Org, charlie: Account, path: str
) -> None:
    vendor = create_org(name="Vendor", by=alice, is_vendor=True)
    for org in (acme, vendor):
        sku = f"Thing of {org.name}"
        make_component(org, alice, sku=sku)
        make_template(org, alice, sku=sku)
        create_project_template(name=sku, version=(1, 0, 0), org=org, by=alice)

    own, others = slugs(api_client(alice), path), slugs(api_client(charlie), path)
    missing = own - others

    assert len(missing) == 1
    assert "acme" in missing.pop()
    assert any("vendor" in slug for slug in others)
    assert {"virtual-device-1-0-0", "virtual-device-v1-0-0", DEFAULT} & others


@pytest.mark.parametrize("path", [COMPONENTS, TEMPLATES, PROJECT_TEMPLATES])
@pytest.mark.parametrize("what", ["no-such-thing-v1-0-0", "%00", "x" * 5000, "acme-thing"])
def test_what_is_not_there_and_what_is_anothers_are_the_same(
    alice: Account, acme: Org, charlie: Account, path: str, what: str
) -> None:
    create_component(sku="acme thing", version=(1, 0, 0), org=acme, by=alice)
    Component.objects.filter(org=acme).update(slug="acme-thing")
    make_template(acme, alice)
    DeviceTemplate.objects.filter(org=acme).update(slug="acme-thing")
    template = create_project_template(name="acme thing", version=(1, 0, 0), org=acme, by=alice)
    ProjectTemplate.objects.filter(pk=template.pk).update(slug="acme-thing")

    response = api_client(charlie).get(f"{path}{what}/")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not found."}


def test_anonymous_reads_nothing() -> None:
    assert [APIClient().get(path).status_code for path in (COMPONENTS, TEMPLATES, PROJECT_TEMPLATES)] == [
        401
    ] * 3


NEW: Final[dict[str, dict[str, Any]]] = {
    "component": {"external_sku": "New", "org": "acme"},
    "dt": {"external_sku": "New", "org": "acme"},
    "pt": {"name": "New", "org": "acme"},
}
OLD: Final = {"component": "btc1-3-0-0", "dt": "meter-v1-2-3", "pt": "start-v1-0-0"}


@pytest.mark.parametrize("kind", NEW)
def test_weak_point_8_nobody_but_staff_makes_or_changes_the_catalogue(
    alice: Account, acme: Org, charlie: Account, kind: str
) -> None:
    make_component(acme, alice)
    make_template(acme, alice)
    create_project_template(name="start", version=(1, 0, 0), org=acme, by=alice)
    path, count = f"{API}{kind}/", Change.objects.count()

    for user in (alice, charlie):
        client = api_client(user)
        answers = [
            client.post(path, NEW[kind], format="json"),
            client.put(f"{path}{OLD[kind]}/", NEW[kind], format="json"),
            client.patch(f"{path}{OLD[kind]}/", {"description": "mine"}, format="json"),
        ]
        assert [answer.status_code for answer in answers] == [403] * 3
    assert api_client(alice).post(f"{TEMPLATES}meter-v1-2-3/slot/", {}, format="json").status_code == 403
    assert Change.objects.count() == count


def test_weak_point_8_services_ask_too(charlie: Account, alice: Account, acme: Org) -> None:
    with pytest.raises(Forbidden):
        create_component(sku="Mine", version=(1, 0, 0), org=None, by=alice)
    with pytest.raises(Forbidden):
        create_device_template(sku="Mine", version=(1, 0, 0), org=acme, by=charlie)
    with pytest.raises(Forbidden):
        fill_slot(
            template=make_template(acme, alice), number=0, component=make_component(acme, alice), by=charlie
        )


def test_staff_put_back_what_they_got(staff: APIClient, alice: Account, acme: Org) -> None:
    template = make_template(acme, alice)
    shown = staff.get(f"{TEMPLATES}{template.slug}/").json()

    answer = staff.put(f"{TEMPLATES}{template.slug}/", {**shown, "family": "new"}, format="json")

    assert answer.status_code == 200, answer.content
    assert answer.json() == {**shown, "family": "new"}


def test_name_and_version_stay(staff: APIClient, alice: Account, acme: Org) -> None:
    template = make_template(acme, alice)
    path = f"{TEMPLATES}{template.slug}/"

    answers = [
        staff.patch(path, change, format="json")
        for change in ({"external_sku": "Other"}, {"minor_version": 9}, {"org": None})
    ]

    assert [answer.status_code for answer in answers] == [400] * 3
    assert [[*answer.json()] for answer in answers] == [["external_sku"], ["minor_version"], ["org"]]
    assert staff.patch(path, {"minor_version": 2, "org": "acme"}, format="json").status_code == 200


def test_a_version_that_is_there_is_refused(staff: APIClient) -> None:
    body = {"external_sku": "Twice", "major_version": 1}

    answers = [staff.post(TEMPLATES, body, format="json") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 400]
    assert "detail" in answers[1].json()


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (COMPONENTS, {}, "external_sku"),
        (COMPONENTS, {"external_sku": "!!!"}, "external_sku"),
        (COMPONENTS, {"external_sku": "a\0b"}, "external_sku"),
        (COMPONENTS, {"external_sku": "a", "major_version": 10**30}, "major_version"),
        (COMPONENTS, {"external_sku": "a", "type": "XXX"}, "type"),
        (COMPONENTS, {"external_sku": "a", "colour": "red"}, "colour"),
        (TEMPLATES, {"external_sku": "a", "org": "no-such-org"}, "org"),
        (TEMPLATES, {"external_sku": "a", "org": "a\0b"}, "org"),
        (TEMPLATES, {"external_sku": "a", "org": ["acme"]}, "org"),
        (TEMPLATES, {"external_sku": "a", "os_tag": -1}, "os_tag"),
        (TEMPLATES, {"external_sku": "a", "hw_tag": "btc1"}, "hw_tag"),
        (TEMPLATES, {"external_sku": "a", "hw_tag": -1}, "hw_tag"),
        (TEMPLATES, {"external_sku": "a", "released_on": "yesterday"}, "released_on"),
        (PROJECT_TEMPLATES, {"name": "a", "extra_data": [1]}, "extra_data"),
        (PROJECT_TEMPLATES, {"name": "a", "extra_data": {"x": "a\0b"}}, "extra_data"),
        (PROJECT_TEMPLATES, {"name": "a", "extra_data": {"x": "y" * 200_000}}, "extra_data"),
        (f"{TEMPLATES}virtual-device-v1-0-0/slot/", {"number": 1, "component": "none"}, "component"),
        (f"{TEMPLATES}virtual-device-v1-0-0/slot/", {"number": -1, "component": "x"}, "number"),
    ],
)
def test_what_cannot_be_is_named(staff: APIClient, path: str, body: dict[str, Any], field: str) -> None:
    answer = staff.post(path, body, format="json")

    assert answer.status_code == 400, answer.content
    assert field in answer.json()


def test_a_component_fills_a_slot(staff: APIClient) -> None:
    path = f"{TEMPLATES}virtual-device-v1-0-0/slot/"
    slot = {"number": 1, "component": "virtual-device-1-0-0"}

    answer = staff.post(path, slot, format="json")

    assert answer.status_code == 201, answer.content
    listed = staff.get(path).json()
    assert listed["count"] == 2
    assert [row["number"] for row in listed["results"]] == [0, 1]


def test_a_component_replaces_the_one_in_its_slot(staff: APIClient) -> None:
    path = f"{TEMPLATES}virtual-device-v1-0-0/slot/"
    staff.post(COMPONENTS, {"external_sku": "BTC2", "hw_tag": "btc2", "major_version": 1}, format="json")

    answer = staff.post(path, {"number": 0, "component": "btc2-1-0-0"}, format="json")

    assert answer.status_code == 201, answer.content
    assert staff.get(path).json()["results"] == [{"number": 0, "component": "btc2-1-0-0", "hw_tag": "btc2"}]


def test_a_project_template_of_an_organisation_has_a_hidden_master(
    staff: APIClient, alice: Account, acme: Org
) -> None:
    answer = staff.post(PROJECT_TEMPLATES, {"name": "Village", "org": "acme"}, format="json")

    assert answer.status_code == 201, answer.content
    master = Project.objects.get(project_template__slug="village-v0-0-0")
    assert master.is_template
    assert master.org == acme
    assert master not in projects_of(alice)


def test_a_built_in_project_template_has_no_master(staff: APIClient) -> None:
    staff.post(PROJECT_TEMPLATES, {"name": "Village"}, format="json")

    assert not Project.objects.filter(project_template__slug="village-v0-0-0").exists()


def test_projects_start_with_the_default_template(db: None) -> None:
    template = default_project_template()

    assert template is not None
    assert template.slug == DEFAULT


def test_what_happens_to_an_organisations_catalogue_is_in_its_audit_trail(
    staff: APIClient, acme: Org
) -> None:
    staff.post(COMPONENTS, {"external_sku": "Board", "org": "acme"}, format="json")
    staff.patch(f"{COMPONENTS}board-0-0-0/", {"hw_name": "Board"}, format="json")
    staff.post(COMPONENTS, {"external_sku": "Everybody's"}, format="json")

    rows = Change.objects.filter(kind="component")

    assert [(row.org, row.event, row.audited) for row in rows] == [
        (acme, "create-component", True),
        (acme, "change-component", True),
    ]


@pytest.mark.parametrize("path", [COMPONENTS, TEMPLATES, PROJECT_TEMPLATES])
def test_lists_take_a_constant_number_of_queries(
    alice: Account, acme: Org, django_assert_num_queries: DjangoAssertNumQueries, path: str
) -> None:
    for number in range(5):
        component = make_component(acme, alice, sku=f"C{number}")
        template = make_template(acme, alice, sku=f"T{number}")
        fill_slot(template=template, number=0, component=component, by=alice)
        create_project_template(name=f"P{number}", version=(1, 0, 0), org=acme, by=alice)
    client = api_client(alice)

    with django_assert_num_queries(
        5 if path == TEMPLATES else 3
    ):  # who, how many, the page; slots, components
        assert len(client.get(path).json()["results"]) >= 5


def test_a_program_reads_device_templates_with_the_scope_only(acme: Org, alice: Account) -> None:
    make_template(acme, alice)
    other = create_org(name="Other", by=alice)
    make_template(other, alice, sku="Others")

    reader, uploader = program_client(acme, Scope.CATALOGUE), program_client(acme, Scope.UPLOAD)

    assert slugs(reader, TEMPLATES) == {"http-device-v1-0-0", "meter-v1-2-3", "virtual-device-v1-0-0"}
    assert reader.get(f"{TEMPLATES}others-v1-2-3/").status_code == 404
    assert uploader.get(TEMPLATES).status_code == 403
    assert reader.get(COMPONENTS).status_code == 403
    assert reader.post(TEMPLATES, {"external_sku": "x"}, format="json").status_code == 403
