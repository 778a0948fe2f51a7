"""Who is removed, or leaves, and what they made: shown, asked for and ended."""

import pytest
from django.test import Client

from server.apps.accounts.models import Account, Invitation, Org, OrgApiKey, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.invitations import invite
from server.apps.accounts.services.keys import create_org_api_key
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account, make_org
from server.apps.activity.models import Change
from server.apps.devices.models import Project
from server.apps.devices.services.keys import issue_device_token
from server.apps.streams.tests.factories import make_claimed_device
from webapp.tests.conftest import signed_in

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

REMOVE, LEAVE = "/org/acme/members/dora/remove/", "/org/acme/leave/"
MEMBER, MEMBERSHIP = "/api/v1/org/acme/members/dora/", "/api/v1/org/acme/membership/"


@pytest.fixture
def dora(acme: Org) -> Account:
    """A developer who made a key and invited somebody."""
    user = make_account(username="dora")
    add_member(org=acme, user=user, role=Role.DEVELOPER)
    make_key(acme, user)
    invite(org=acme, email="eve@example.com", role=Role.MEMBER, by=user)
    return user


@pytest.fixture
def as_dora(dora: Account) -> Client:
    return signed_in(dora)


def make_key(org: Org, by: Account) -> None:
    create_org_api_key(org=org, name="Pump", scopes=["upload"], by=by)


def live_keys(org: Org) -> int:
    return OrgApiKey.objects.filter(org=org, revoked_on=None).count()


def is_member(user: Account) -> bool:
    return OrgMembership.objects.get(user=user, org__slug="acme").is_current


def departure() -> Change:
    return Change.objects.get(event__in=["deregister-member", "leave-org"])


def test_the_members_page_leads_to_the_question(as_alice: Client, dora: Account) -> None:
    assert f'href="{REMOVE}"' in as_alice.get("/org/acme/members/").content.decode()


def test_the_question_has_the_numbers(as_alice: Client, dora: Account, project: Project) -> None:
    issue_device_token(device=make_claimed_device(project=project), by=dora)

    page = as_alice.get(REMOVE).content.decode()

    assert "API keys made by dora: 1" in page
    assert "1 device token and 1 invitation" in page
    assert is_member(dora)


@pytest.mark.parametrize(("choice", "left"), [("revoke", 0), ("keep", 1)])
def test_keys_become_what_was_chosen(
    as_alice: Client, acme: Org, dora: Account, choice: str, left: int
) -> None:
    as_alice.post(REMOVE, {"keys": choice})

    assert (is_member(dora), live_keys(acme)) == (False, left)


def test_nobody_goes_before_the_question_is_answered(as_alice: Client, acme: Org, dora: Account) -> None:
    answer = as_alice.post(REMOVE)

    assert answer.status_code == 400
    assert (is_member(dora), live_keys(acme)) == (True, 1)


def test_who_made_no_keys_goes_without_a_question(as_alice: Client, bob: Account) -> None:
    page = as_alice.get("/org/acme/members/bob/remove/").content.decode()

    as_alice.post("/org/acme/members/bob/remove/")

    assert "API keys made" not in page
    assert not is_member(bob)


@pytest.mark.parametrize(("choice", "left"), [("revoke", 0), ("keep", 1)])
def test_who_leaves_is_asked_too(as_dora: Client, acme: Org, dora: Account, choice: str, left: int) -> None:
    page = as_dora.get(LEAVE).content.decode()

    as_dora.post(LEAVE, {"keys": choice})

    assert "What you made here ends:" in page
    assert (is_member(dora), live_keys(acme)) == (False, left)


def test_the_question_is_for_who_manages_people(dora: Account, bob: Account, charlie: Account) -> None:
    assert signed_in(bob).get(REMOVE).status_code == 403
    assert signed_in(charlie).get(REMOVE).status_code == 404


@pytest.mark.parametrize(("query", "left"), [("", 1), ("?revoke_keys=false", 1), ("?revoke_keys=true", 0)])
def test_keys_are_revoked_over_rest(alice: Account, acme: Org, dora: Account, query: str, left: int) -> None:
    answer = api_client(alice).delete(f"{MEMBER}{query}")

    assert (answer.status_code, live_keys(acme)) == (204, left)


def test_keys_are_revoked_by_a_role_that_is_none(alice: Account, acme: Org, dora: Account) -> None:
    answer = api_client(alice).patch(MEMBER, {"role": "00", "revoke_keys": True}, format="json")

    assert (answer.status_code, live_keys(acme)) == (200, 0)


def test_keys_are_not_revoked_with_another_role(alice: Account, acme: Org, dora: Account) -> None:
    answer = api_client(alice).patch(MEMBER, {"role": "m1", "revoke_keys": True}, format="json")

    assert (answer.status_code, list(answer.json()), live_keys(acme)) == (400, ["revoke_keys"], 1)


def test_who_leaves_over_rest_revokes_own_keys(acme: Org, dora: Account) -> None:
    answer = api_client(dora).delete(f"{MEMBERSHIP}?revoke_keys=1")

    assert (answer.status_code, live_keys(acme)) == (204, 0)


def test_keys_of_who_left_before_can_be_revoked(alice: Account, acme: Org, dora: Account) -> None:
    client = api_client(alice)
    client.delete(MEMBER)

    client.delete(f"{MEMBER}?revoke_keys=1")

    assert live_keys(acme) == 0


def test_what_is_no_answer_is_named(alice: Account, acme: Org, dora: Account) -> None:
    answer = api_client(alice).delete(f"{MEMBER}?revoke_keys=perhaps")

    assert (answer.status_code, list(answer.json())) == (400, ["revoke_keys"])
    assert is_member(dora)


def test_keys_of_others_and_elsewhere_stay(alice: Account, acme: Org, dora: Account) -> None:
    elsewhere = make_org(name="Elsewhere", owner=dora)
    make_key(elsewhere, dora)
    make_key(acme, alice)

    api_client(alice).delete(f"{MEMBER}?revoke_keys=1")

    assert (live_keys(acme), live_keys(elsewhere)) == (1, 1)


@pytest.mark.parametrize(("query", "keys"), [("", {"keys_kept": 1}), ("?revoke_keys=1", {"keys_revoked": 1})])
def test_the_audit_trail_has_what_became_of_the_keys(
    alice: Account, dora: Account, query: str, keys: dict[str, int]
) -> None:
    api_client(alice).delete(f"{MEMBER}{query}")

    assert departure().details == {"role": "00", "before": "d1", **keys}
    assert Change.objects.filter(event="revoke-api-key", by=alice).count() == keys.get("keys_revoked", 0)


def test_invitations_end_by_default(alice: Account, acme: Org, dora: Account) -> None:
    sent = Invitation.objects.get()
    before = sent.expires_on

    api_client(alice).delete(MEMBER)

    sent.refresh_from_db()
    assert sent.expires_on < before
