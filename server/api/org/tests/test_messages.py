"""Messages to the members of an organisation."""

import pytest
from django.core import mail

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Operation
from server.core.queue.tests.waiting import run_waiting_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
MESSAGE = "/api/v1/org/acme/message/"


def test_a_message_goes_to_each_member_of_a_role_alone(alice: Account, bob: Account, acme: Org) -> None:
    operator = make_account(username="olga")
    add_member(org=acme, user=operator, role=Role.OPERATOR)
    body = {"roles": ["m1", "r1"], "subject": "Maintenance", "message": "Tonight <at> 8 & later."}

    response = api_client(alice).post(MESSAGE, body, format="json")
    run_waiting_jobs()

    assert response.status_code == 202
    assert sorted(each.to for each in mail.outbox) == [["bob@example.com"], ["olga@example.com"]]
    assert mail.outbox[0].subject == "Fieldline: a message to members of Acme"
    assert "Maintenance" in str(mail.outbox[0].body)
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
