"""Invitations: sent, sent again, withdrawn, accepted by whom they are for and while they are
good."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from server.apps.accounts.models import Account, Invitation, Org, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.core.queue.tests.waiting import run_waiting_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
INVITE = "/api/v1/org/acme/invite/"
PENDING = "/api/v1/org/acme/pending/"
ACCEPT = "/api/v1/invitation/accept/"


def invite(by: Account, email: str = "dora@example.com", **fields: str) -> dict[str, Any]:
    response = api_client(by).post(INVITE, {"email": email, **fields}, format="json")
    assert response.status_code == 201, response.json()
    sent: dict[str, Any] = response.json()
    return sent


def secret_mailed() -> str:
    """Of the newest mail."""
    run_waiting_jobs()
    found = re.search(r"/org/acme/invitation/([^/\s]+)/accept/", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


@pytest.fixture
def dora(db: None) -> Account:
    return make_account(username="dora")


def test_the_link_lets_the_owner_of_the_address_in(alice: Account, acme: Org, dora: Account) -> None:
    invite(alice, "Dora@Example.com", role="r1")

    response = api_client(dora).post(ACCEPT, {"secret": secret_mailed()}, format="json")

    assert response.status_code == 200
    assert response.json()["role"] == "r1"
    assert api_client(dora).get("/api/v1/org/acme/").status_code == 200
    assert api_client(alice).get(PENDING).json()["results"] == []


def test_a_pending_invitation_shows_no_secret(alice: Account, acme: Org) -> None:
    invite(alice)

    answer = api_client(alice).get(PENDING).json()
    pending = answer["results"]

    assert answer["count"] == 1
    assert [(row["email"], row["sent_by"]) for row in pending] == [("dora@example.com", "alice")]
    assert set(pending[0]) == {"id", "email", "role", "sent_on", "sent_by", "expires_on"}
    assert secret_mailed() not in str(pending)


def test_a_link_is_good_for_one_person(alice: Account, acme: Org, dora: Account, charlie: Account) -> None:
    invite(alice)
    secret = secret_mailed()

    stranger = api_client(charlie).post(ACCEPT, {"secret": secret}, format="json")
    api_client(dora).post(ACCEPT, {"secret": secret}, format="json")
    again = api_client(dora).post(ACCEPT, {"secret": secret}, format="json")

    assert stranger.status_code == 403
    assert again.status_code == 404
    assert not OrgMembership.objects.filter(org=acme, user=charlie).exists()


@pytest.mark.parametrize("secret", ["", "x", "a" * 101, "\0", "é", "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_secret_opens_nothing(alice: Account, acme: Org, dora: Account, secret: str) -> None:
    invite(alice)

    response = api_client(dora).post(ACCEPT, {"secret": secret}, format="json")

    assert response.status_code in {400, 404}


def test_who_knows_the_id_only_cannot_accept(alice: Account, acme: Org, dora: Account) -> None:
    sent = invite(alice)

    assert api_client(dora).post(ACCEPT, {"secret": sent["id"]}, format="json").status_code == 404


def test_weak_point_33_an_invitation_expires(alice: Account, acme: Org, dora: Account) -> None:
    invite(alice)
    secret = secret_mailed()
    kept = Invitation.objects.get()
    assert kept.expires_on - kept.sent_on == timedelta(days=14)

    Invitation.objects.update(expires_on=timezone.now() - timedelta(seconds=1))
    late = api_client(dora).post(ACCEPT, {"secret": secret}, format="json")

    assert late.status_code == 404
    assert not OrgMembership.objects.filter(org=acme, user=dora).exists()


def test_an_expired_invitation_is_sent_again_with_another_link(
    alice: Account, acme: Org, dora: Account
) -> None:
    sent = invite(alice)
    old = secret_mailed()
    Invitation.objects.update(expires_on=timezone.now() - timedelta(days=1))

    again = api_client(alice).post(f"{PENDING}{sent['id']}/resend/")
    new = secret_mailed()

    assert again.status_code == 200
    assert api_client(dora).post(ACCEPT, {"secret": old}, format="json").status_code == 404
    assert api_client(dora).post(ACCEPT, {"secret": new}, format="json").status_code == 200


def test_weak_point_9_only_managers_send_resend_and_delete_invitations(
    alice: Account, bob: Account, charlie: Account
) -> None:
    sent = invite(alice)
    operator = make_account()
    add_member(org=Org.objects.get(slug="acme"), user=operator, role=Role.OPERATOR)
    kept = Invitation.objects.values().get()

    for user, status in ((bob, 403), (operator, 403), (charlie, 404)):
        client = api_client(user)
        answers = [
            client.post(INVITE, {"email": "eve@example.com"}, format="json"),
            client.post(f"{PENDING}{sent['id']}/resend/"),
            client.delete(f"{PENDING}{sent['id']}/"),
            client.get(PENDING),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4

    assert Invitation.objects.values().get() == kept


def test_an_invitation_of_another_organisation_is_not_there(
    alice: Account, acme: Org, charlie: Account
) -> None:
    sent = invite(alice)

    response = api_client(charlie).delete(f"/api/v1/org/elsewhere/pending/{sent['id']}/")

    assert response.status_code == 404
    assert Invitation.objects.exists()


def test_what_was_withdrawn_opens_nothing(alice: Account, acme: Org, dora: Account) -> None:
    sent = invite(alice)
    secret = secret_mailed()

    assert api_client(alice).delete(f"{PENDING}{sent['id']}/").status_code == 204

    assert api_client(dora).post(ACCEPT, {"secret": secret}, format="json").status_code == 404


def test_nobody_invites_to_a_role_above_his_own(acme: Org) -> None:
    admin = make_account()
    add_member(org=acme, user=admin, role=Role.ADMIN)

    response = api_client(admin).post(INVITE, {"email": "x@example.com", "role": "a0"}, format="json")

    assert response.status_code == 403
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited(alice: Account, bob: Account) -> None:
    response = api_client(alice).post(INVITE, {"email": "BOB@example.com"}, format="json")

    assert response.status_code == 400
    assert list(response.json()) == ["email"]


def test_whoever_left_comes_back_by_an_invitation(alice: Account, bob: Account) -> None:
    api_client(alice).delete("/api/v1/org/acme/members/bob/")
    invite(alice, bob.email, role="r1")

    response = api_client(bob).post(ACCEPT, {"secret": secret_mailed()}, format="json")

    assert response.json()["role"] == "r1"
    assert response.json()["is_active"] is True


@pytest.fixture
def erin(acme: Org) -> Account:
    """An administrator of Acme."""
    erin = make_account(username="erin")
    add_member(org=acme, user=erin, role=Role.ADMIN)
    return erin


@pytest.mark.parametrize("role", ["00", "m1", "d1"])
def test_a_pending_invitation_ends_with_the_rank_of_its_sender(
    alice: Account, dora: Account, erin: Account, role: str
) -> None:
    invite(erin, role="a1")
    secret = secret_mailed()

    api_client(alice).patch("/api/v1/org/acme/members/erin/", {"role": role}, format="json")

    assert api_client(dora).post(ACCEPT, {"secret": secret}, format="json").status_code == 404
    assert Invitation.objects.get().expires_on <= timezone.now()


def test_an_invitation_that_its_sender_could_still_send_stays(
    alice: Account, dora: Account, erin: Account
) -> None:
    invite(erin, role="r1")
    secret = secret_mailed()

    api_client(alice).patch("/api/v1/org/acme/members/erin/", {"role": "d1"}, format="json")

    assert api_client(dora).post(ACCEPT, {"secret": secret}, format="json").status_code == 200


def test_an_invitation_ends_with_the_account_of_its_sender(dora: Account, erin: Account) -> None:
    invite(erin, role="r1")
    secret = secret_mailed()

    Account.objects.filter(pk=erin.pk).update(is_active=False)

    assert api_client(dora).post(ACCEPT, {"secret": secret}, format="json").status_code == 404


def test_a_manager_sends_an_ended_invitation_again(alice: Account, dora: Account, erin: Account) -> None:
    sent = invite(erin, role="a1")
    api_client(alice).delete("/api/v1/org/acme/members/erin/")

    api_client(alice).post(f"{PENDING}{sent['id']}/resend/")

    assert api_client(dora).post(ACCEPT, {"secret": secret_mailed()}, format="json").status_code == 200


def test_an_invitation_of_staff_needs_no_membership(acme: Org, dora: Account) -> None:
    staff = make_account(is_staff=True)
    api_client(staff).post(f"{INVITE}?staff=1", {"email": "dora@example.com", "role": "a1"}, format="json")

    assert api_client(dora).post(ACCEPT, {"secret": secret_mailed()}, format="json").status_code == 200
