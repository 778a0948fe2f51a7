"""Properties and their templates over REST."""

import pytest
from pytest_django import DjangoAssertNumQueries

from server.api.tests.json_clients import client_with_role, json_client
from server.apps.accounts.models import Account, Org, Role
from server.apps.activity.models import Change
from server.apps.devices.models import Device, Project, Property
from server.apps.devices.services.properties import add_property
from server.apps.streams.selectors.targets import target_of

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

PROPERTIES = "/api/v1/property/"
TEMPLATES = "/api/v1/propertytemplate/"


def test_a_property_is_written_and_read_as_in_the_original_cloud(alice: Account, device: Device) -> None:
    client = json_client(alice)

    written = client.post(PROPERTIES, {"target": device.slug, "name": "Floor", "int_value": 3})
    listed = client.get(f"{PROPERTIES}?target={device.slug}")

    assert written.status_code == 201
    assert written.json() == {"target": device.slug, "name": "Floor", "is_system": False, "value": 3}
    [shown] = listed.json()["results"]
    assert shown == {
        "id": shown["id"],
        "name": "Floor",
        "value": 3,
        "type": "int",
        "is_system": False,
        "target": device.slug,
    }
    assert client.get(f"{PROPERTIES}{shown['id']}/").json() == shown


@pytest.mark.parametrize(
    ("given", "type_", "value"),
    [
        ({"str_value": ""}, "str", ""),
        ({"str_value": "True"}, "str", "True"),
        ({"bool_value": False}, "bool", False),
        ({"bool_value": True}, "bool", True),
        ({"int_value": 0, "str_value": None}, "int", 0),
        ({"int_value": -(2**62)}, "int", -(2**62)),
    ],
)
def test_a_value_comes_back_with_its_type(
    alice: Account, device: Device, given: dict[str, object], type_: str, value: object
) -> None:
    path = f"/api/v1/device/{device.slug}/"

    written = json_client(alice).post(f"{path}new_property/", {"name": "It", **given})
    [shown] = json_client(alice).get(f"{path}properties/").json()

    assert written.status_code == 201
    assert written.json() == shown
    assert shown == {"id": shown["id"], "name": "It", "value": value, "type": type_, "is_system": False}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"int_value": 1, "str_value": "1"},
        {"int_value": 2**63},
        {"int_value": "x"},
        {"str_value": "x\0"},
        {"str_value": "x" * 257},
        {"int_value": [1]},
        {"value": 1},
    ],
)
def test_exactly_one_good_value_is_needed(alice: Account, device: Device, given: dict[str, object]) -> None:
    body = {"target": device.slug, "name": "It", **given}

    assert json_client(alice).post(PROPERTIES, body).status_code == 400
    assert not Property.objects.exists()


def test_a_missing_target_is_not_acceptable(alice: Account) -> None:
    response = json_client(alice).get(PROPERTIES)

    assert response.status_code == 406
    assert "detail" in response.json()


@pytest.mark.parametrize(
    "target", ["nonsense", "d--81", "d--0081", "s--0000-0001--0000-0000-0000-0081--5001", "^acme", "%00"]
)
def test_what_is_no_target_is_refused_by_name(alice: Account, acme: Org, target: str) -> None:
    response = json_client(alice).get(f"{PROPERTIES}?target={target}")

    assert response.status_code == 400
    assert list(response.json()) == ["target"]


def test_the_target_of_others_is_not_there_and_no_different_from_none(
    charlie: Account, device: Device, project: Project
) -> None:
    client = json_client(charlie)

    for target in (
        device.slug,
        "d--0000-ffff-ffff-ffff",
        project.slug,
        "p--ffff-ffff",
        "b--0001-0000-0000-0081",
    ):
        read = client.get(f"{PROPERTIES}?target={target}")
        written = client.post(PROPERTIES, {"target": target, "name": "It", "int_value": 1})
        assert (read.status_code, read.json()) == (404, {"detail": "Not found."})
        assert (written.status_code, written.json()) == (404, {"detail": "Not found."})


def test_the_property_of_others_is_not_there(alice: Account, charlie: Account, device: Device) -> None:
    made = add_property(target=target_of(device), name="It", value=1, by=alice)
    client, path = json_client(charlie), f"{PROPERTIES}{made.pk}/"

    assert client.get(path).status_code == 404
    assert client.patch(path, {"int_value": 2}).status_code == 404
    assert client.delete(path).status_code == 404
    assert client.get(f"{PROPERTIES}0/").status_code == 404
    assert client.get(f"{PROPERTIES}{'9' * 30}/").status_code == 404
    assert Property.objects.get().value == 1


def test_weak_point_10_an_operator_neither_reads_nor_writes_properties(
    alice: Account, acme: Org, device: Device, project: Project
) -> None:
    made = add_property(target=target_of(device), name="It", value=1, by=alice)
    client = client_with_role(acme, Role.OPERATOR)

    refused = [
        client.get(f"{PROPERTIES}?target={device.slug}"),
        client.post(PROPERTIES, {"target": device.slug, "name": "New", "int_value": 2}),
        client.patch(f"{PROPERTIES}{made.pk}/", {"int_value": 2}),
        client.delete(f"{PROPERTIES}{made.pk}/"),
        client.get(f"/api/v1/device/{device.slug}/properties/"),
        client.post(f"/api/v1/device/{device.slug}/new_property/", {"name": "It", "int_value": 2}),
        client.post(f"/api/v1/project/{project.pk}/new_property/", {"name": "It", "int_value": 2}),
    ]

    assert [response.status_code for response in refused] == [403] * 7
    assert [known.value for known in Property.objects.all()] == [1]


def test_a_property_changes_its_value_type_and_name_and_goes(bob: Account, device: Device) -> None:
    made = add_property(target=target_of(device), name="It", value=1, by=bob)
    client, path = json_client(bob), f"{PROPERTIES}{made.pk}/"

    changed = client.put(path, {"target": device.slug, "name": "That", "str_value": "x"})
    patched = client.patch(path, {"bool_value": True})
    moved = client.patch(path, {"target": "d--0000-0000-0000-0001"})

    assert changed.json() == {"target": device.slug, "name": "That", "is_system": False, "value": "x"}
    assert patched.json()["value"] is True
    assert (moved.status_code, list(moved.json())) == (400, ["target"])
    assert client.delete(path).status_code == 204
    assert not Property.objects.exists()


def test_a_property_can_be_sent_back_as_it_was_read(alice: Account, device: Device) -> None:
    made = add_property(target=target_of(device), name="It", value=1, by=alice)
    client, path = json_client(alice), f"{PROPERTIES}{made.pk}/"
    shown = client.get(path).json()

    changed = client.put(path, {**shown, "value": False})
    named = client.put(path, {**shown, "str_value": "x"})

    assert (changed.status_code, changed.json()["value"]) == (200, False)
    assert (named.status_code, named.json()["value"]) == (200, "x")
    for bad in (None, [1], 2**63, "x\0", 1.5):
        assert client.put(path, {**shown, "value": bad}).status_code == 400


def test_a_second_property_with_a_name_is_refused_and_new_property_replaces(
    alice: Account, project: Project
) -> None:
    client, path = json_client(alice), f"/api/v1/project/{project.slug}/new_property/"
    client.post(path, {"name": "It", "int_value": 1})

    refused = client.post(PROPERTIES, {"target": project.slug, "name": "It", "int_value": 2})
    replaced = client.post(path, {"name": "It", "str_value": "two"})

    assert (refused.status_code, list(refused.json())) == (400, ["name"])
    assert (replaced.status_code, replaced.json()["value"]) == (201, "two")
    assert [known["value"] for known in client.get(f"/api/v1/project/{project.pk}/properties/").json()] == [
        "two"
    ]


def test_a_property_of_the_system_stays(alice: Account, acme: Org, device: Device) -> None:
    kept = Property.objects.create(
        org=acme, target=device.slug, name="Made", type="str", text="here", is_system=True
    )
    client, path = json_client(alice), f"{PROPERTIES}{kept.pk}/"

    assert client.patch(path, {"str_value": "there"}).status_code == 403
    assert client.delete(path).status_code == 403
    upsert = client.post(
        f"/api/v1/device/{device.slug}/new_property/", {"name": "Made", "str_value": "there"}
    )
    assert upsert.status_code == 403
    assert Property.objects.get().text == "here"


@pytest.mark.parametrize("path", ["property/", "device/{slug}/new_property/"])
def test_only_the_system_makes_its_properties(alice: Account, device: Device, path: str) -> None:
    answer = json_client(alice).post(
        f"/api/v1/{path.format(slug=device.slug)}",
        {"name": "Floor", "int_value": 3, "is_system": True, "target": device.slug},
    )

    assert (answer.status_code, [*answer.json()]) == (400, ["is_system"])
    assert not Property.objects.filter(target=device.slug, name="Floor").exists()


def test_a_property_does_not_become_the_systems(alice: Account, device: Device) -> None:
    client = json_client(alice)
    client.post("/api/v1/property/", {"name": "Floor", "int_value": 3, "target": device.slug})
    [known] = Property.objects.filter(target=device.slug, name="Floor")

    answer = client.patch(f"/api/v1/property/{known.pk}/", {"is_system": True})

    assert (answer.status_code, [*answer.json()]) == (400, ["is_system"])


def test_an_unknown_field_is_named(alice: Account, device: Device) -> None:
    body = {"target": device.slug, "name": "It", "int_value": 1, "colour": "red"}

    response = json_client(alice).post(PROPERTIES, body)

    assert (response.status_code, list(response.json())) == (400, ["colour"])


def test_a_change_of_a_property_is_in_the_feed(alice: Account, acme: Org, device: Device) -> None:
    json_client(alice).post(PROPERTIES, {"target": device.slug, "name": "It", "int_value": 1})

    change = Change.objects.filter(org=acme, kind="property").get()
    assert (change.ref, change.verb, change.by) == (f"{device.slug} It", "created", alice)


def test_the_list_of_properties_takes_the_same_queries_for_any_length(
    alice: Account, device: Device, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        add_property(target=target_of(device), name=f"It {number}", value=number, by=alice)
    client = json_client(alice)

    with django_assert_num_queries(5):  # who asks, the device, the right, how many, the page
        assert client.get(f"{PROPERTIES}?target={device.slug}").json()["count"] == 5


def test_a_template_limits_the_values_of_its_properties(alice: Account, acme: Org, device: Device) -> None:
    client = json_client(alice)
    template = client.post(TEMPLATES, {"org": "acme", "name": "Colour", "type": "str"}).json()
    for value in ("red", "green"):
        made = client.post(f"{TEMPLATES}{template['id']}/enum/", {"value": value})
        assert made.status_code == 201
    body = {"target": device.slug, "name": "Colour"}

    refused = client.post(PROPERTIES, {**body, "str_value": "blue"})
    taken = client.post(PROPERTIES, {**body, "str_value": "red"})

    assert (refused.status_code, list(refused.json())) == (400, ["str_value"])
    assert taken.status_code == 201
    assert client.get(f"{TEMPLATES}{template['id']}/").json()["enums"] == ["green", "red"]


def test_a_template_has_the_fields_of_the_original_cloud_and_can_be_changed(
    alice: Account, acme: Org
) -> None:
    client = json_client(alice)
    made = client.post(TEMPLATES, {"org": "acme", "name": "Colour"}).json()
    path = f"{TEMPLATES}{made['id']}/"
    assert made == {
        "id": made["id"],
        "org": "acme",
        "type": "str",
        "name": "Colour",
        "default": "",
        "enums": [],
        "extra": {},
        "created_by": "alice",
    }

    changed = client.put(path, {**made, "type": "int", "default": "3"})
    enum = client.post(f"{path}enum/", {"value": "3"}).json()
    twice = client.post(f"{path}enum/", {"value": "3"})

    assert changed.json() == {**made, "type": "int", "default": "3"}
    assert enum == {
        "id": enum["id"],
        "org": "acme",
        "value": "3",
        "template": made["id"],
        "created_by": "alice",
    }
    assert client.get(f"{path}enum/").json()["results"] == [enum]
    assert (twice.status_code, twice.json()) == (201, enum)
    assert client.delete(f"{path}enum/", {"value": "3"}).status_code == 204
    assert client.delete(f"{path}enum/?value=3").status_code == 404
    assert client.delete(path).status_code == 204
    assert client.get(TEMPLATES).json()["count"] == 0


def test_weak_point_10_nobody_makes_property_templates_for_another_organisation(
    bob: Account, charlie: Account, acme: Org
) -> None:
    stranger, member = json_client(charlie), json_client(bob)

    foreign = stranger.post(TEMPLATES, {"org": "acme", "name": "Colour"})
    unknown = stranger.post(TEMPLATES, {"org": "nobody", "name": "Colour"})

    assert (foreign.status_code, unknown.status_code) == (400, 400)
    assert foreign.json() == {"org": ["There is no acme."]}
    assert unknown.json() == {"org": ["There is no nobody."]}
    assert member.post(TEMPLATES, {"org": "acme", "name": "Colour"}).status_code == 403
    assert member.get(TEMPLATES).json()["count"] == 0


def test_templates_can_be_narrowed_and_those_of_others_are_not_there(
    alice: Account, charlie: Account, acme: Org
) -> None:
    made = json_client(alice).post(TEMPLATES, {"org": "acme", "name": "Colour"}).json()

    assert json_client(alice).get(f"{TEMPLATES}?org=acme").json()["results"] == [made]
    assert json_client(alice).get(f"{TEMPLATES}?org=elsewhere").json()["count"] == 0
    assert json_client(charlie).get(f"{TEMPLATES}?org=acme").json()["count"] == 0
    assert json_client(charlie).get(f"{TEMPLATES}{made['id']}/").status_code == 404
    assert json_client(charlie).post(f"{TEMPLATES}{made['id']}/enum/", {"value": "x"}).status_code == 404
