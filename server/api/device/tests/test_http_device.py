"""A member adds a board of their own: made, in a project, with a key, by one request."""

from typing import Any

import pytest
from django.test import Client

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account, make_org
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceKey, Project
from server.apps.devices.tests.factories import make_project
from server.apps.streams.tests.written import rows_in

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

PATH = "/api/v1/device/http/"


def add(user: Account, project: str, **fields: Any) -> Any:
    return api_client(user).post(PATH, {"project": project, **fields}, format="json")


def test_a_member_adds_a_board_and_its_first_value_arrives(acme: Org, project: Project) -> None:
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.DEVELOPER)

    added = add(dora, project.slug, label="Desk")

    assert added.status_code == 201, added.content
    assert added["Cache-Control"] == "no-store"
    device, key = added.json()["device"], added.json()["key"]
    assert (device["label"], device["template"], device["org"]) == ("Desk", "http-device-v1-0-0", "acme")
    assert (device["project"], device["claimed_by"]) == (str(project.pk), "dora")
    headers = {"Authorization": f"Device-Key {key}"}
    sent = Client().post("/api/v1/in/", {"t": 21.5}, content_type="application/json", headers=headers)
    assert sent.status_code == 201
    assert rows_in("reading", "value") == [(21.5,)]


def test_the_answer_has_the_address_for_boards_without_headers(alice: Account, project: Project) -> None:
    added = add(alice, str(project.pk)).json()

    path = f"/api/v1/in/{added['key_id']}/"
    sent = Client().post(path, {"key": added["key"], "t": 1}, content_type="application/json")

    assert sent.status_code == 201


def test_the_key_is_shown_once(alice: Account, project: Project) -> None:
    key = add(alice, project.slug).json()["key"]

    assert key not in str(list(DeviceKey.objects.values()))
    assert key not in api_client(alice).get("/api/v1/device/").content.decode()
    assert key not in str(list(Change.objects.values()))


def test_adding_is_in_the_audit_trail(alice: Account, project: Project) -> None:
    slug = add(alice, project.slug).json()["device"]["slug"]

    events = set(Change.objects.filter(ref=slug, audited=True).values_list("event", "by_id"))
    assert events == {("create-http-device", alice.pk), ("claim-device", alice.pk)}


def test_a_member_who_may_not_claim_adds_nothing(bob: Account, project: Project) -> None:
    assert add(bob, project.slug).status_code == 403
    assert not Device.objects.exists()


def test_the_right_is_that_of_the_organisation_of_the_project(alice: Account, project: Project) -> None:
    other = make_org(name="Other")
    add_member(org=other, user=alice, role=Role.OPERATOR)

    assert add(alice, make_project(org=other).slug).status_code == 403
    assert not Device.objects.exists()


def test_the_project_of_others_is_as_one_that_is_not_there(charlie: Account, project: Project) -> None:
    there, nowhere = add(charlie, project.slug), add(charlie, "p--0000-0fff")

    assert (there.status_code, nowhere.status_code) == (400, 400)
    assert there.json() == {"project": [f"There is no {project.slug}."]}
    assert not Device.objects.exists()


def test_staff_add_one_only_when_they_ask_as_staff(project: Project) -> None:
    staff = make_account(username="staff", is_staff=True)

    assert add(staff, project.slug).status_code == 400
    asked = api_client(staff).post(f"{PATH}?staff=1", {"project": project.slug}, format="json")
    assert asked.status_code == 201


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"label": "x" * 101}, "label"),
        ({"label": "a\nb"}, "label"),
        ({"id": 5}, "id"),
        ({"project": None}, "project"),
    ],
)
def test_what_is_wrong_is_named(
    alice: Account, acme: Org, project: Project, fields: dict[str, Any], named: str
) -> None:
    answer = api_client(alice).post(PATH, {"project": project.slug, **fields}, format="json")

    assert (answer.status_code, list(answer.json())) == (400, [named])
    assert not Device.objects.exists()
