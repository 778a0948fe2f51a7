"""Organisation templates, and messages to the members of an organisation."""

import pytest
from django.core import mail

from server.apps.accounts.models import Account, Operation, Org, OrgTemplate, Role
from server.apps.accounts.services import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.core.queue.tests.waiting import run_waiting_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
OT = "/api/v1/ot/"
MESSAGE = "/api/v1/org/acme/message/"


def test_everybody_reads_templates_with_the_fields_of_the_original_cloud(charlie: Account) -> None:
    found = api_client(charlie).get(OT).json()["results"]

    assert [row["slug"] for row in found] == ["default-v1-0-0"]
    assert set(found[0]) == {"id", "name", "slug", "version", "extra_data", "created_on"}
    assert api_client(charlie).get(f"{OT}default-v1-0-0/").json() == found[0]
    assert api_client(charlie).get(f"{OT}no-such/").status_code == 404
    assert api_client(charlie).get(f"{OT}a%00b/").status_code == 404


def test_staff_keep_templates_and_nobody_else_does(alice: Account) -> None:
    body = {"name": "Shop", "major_version": 2, "extra_data": {"web": {}}}
    staff = api_client(make_account(is_staff=True))

    by_owner = api_client(alice).post(OT, body, format="json")
    made = staff.post(OT, body, format="json")
    again = staff.post(OT, body, format="json")
    changed = staff.patch(f"{OT}shop-v2-0-0/", {"extra_data": {"web": {"a": 1}}}, format="json")

    assert (by_owner.status_code, made.status_code, again.status_code) == (403, 201, 400)
    assert made.json()["version"] == "2.0.0"
    assert changed.json()["extra_data"] == {"web": {"a": 1}}
    assert OrgTemplate.objects.get(slug="shop-v2-0-0").created_by is not None


def test_a_template_keeps_its_name_and_version(db: None) -> None:
    staff = api_client(make_account(is_staff=True))
    staff.post(OT, {"name": "Shop", "major_version": 1}, format="json")

    back = staff.put(f"{OT}shop-v1-0-0/", staff.get(f"{OT}shop-v1-0-0/").json(), format="json")
    renamed = staff.patch(f"{OT}shop-v1-0-0/", {"name": "Mall"}, format="json")

    assert back.status_code == 200
    assert (renamed.status_code, list(renamed.json())) == (400, ["name"])


def test_a_message_goes_to_each_member_of_a_role_alone(alice: Account, bob: Account, acme: Org) -> None:
    operator = make_account(username="olga")
    add_member(org=acme, user=operator, role=Role.OPERATOR)
    body = {"roles": ["m1", "r1"], "subject": "Maintenance", "message": "Tonight <at> 8 & later."}

    response = api_client(alice).post(MESSAGE, body, format="json")
    run_waiting_jobs()

    assert response.status_code == 202
    assert sorted(each.to for each in mail.outbox) == [["bob@example.com"], ["olga@example.com"]]
    assert mail.outbox[0].subject == "Maintenance"
    assert "Tonight <at> 8 & later." in str(mail.outbox[0].body)
    assert Operation.objects.get(pk=response.json()["pid"]).message == "Sent to 2."


def test_without_roles_everybody_gets_it(alice: Account, bob: Account, acme: Org) -> None:
    api_client(alice).post(MESSAGE, {"subject": "Hello", "message": "You."}, format="json")

    run_waiting_jobs()

    assert sorted(each.to for each in mail.outbox) == [["alice@example.com"], ["bob@example.com"]]


def test_members_write_no_messages(bob: Account) -> None:
    response = api_client(bob).post(MESSAGE, {"subject": "Hello", "message": "You."}, format="json")

    assert response.status_code == 403
    run_waiting_jobs()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "a\0"}, "subject"),
        ({"message": ""}, "message"),
        ({"roles": ["a0", "s0"]}, "roles"),
        ({"roles": "m1"}, "roles"),
        ({"to": "x@example.com"}, "to"),
    ],
)
def test_what_is_wrong_is_named(alice: Account, acme: Org, fields: dict[str, object], wrong: str) -> None:
    body = {"subject": "Hello", "message": "You.", **fields}

    response = api_client(alice).post(MESSAGE, body, format="json")

    assert response.status_code == 400
    assert list(response.json()) == [wrong]
