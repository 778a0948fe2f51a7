"""The pages of an organisation: members, invitations, API keys, the audit trail."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from server.apps.accounts.models import Account, Invitation, Org, OrgMembership, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.authentication import authenticate_org_key
from server.apps.accounts.services.keys import create_org_api_key
from server.apps.accounts.tests.factories import make_account
from server.apps.ingest.models import UploadDay
from server.core.durable import durable_cache
from server.core.queue.tests.waiting import run_waiting_jobs
from server.core.quotas import RequestDay
from webapp.tests.conftest import signed_in

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

PAGES = ["/org/acme/", "/org/acme/members/", "/org/acme/apikeys/", "/org/acme/audit/"]
PASSWORD = "quite another horse"


@pytest.fixture(autouse=True)
def no_tries_before(db: None) -> None:
    durable_cache.clear()


@pytest.fixture
def as_bob(bob: Account) -> Client:
    return signed_in(bob)


def role_of(account: Account, org: Org) -> str:
    return OrgMembership.objects.get(org=org, user=account).role


def invite(client: Client, email: str = "dora@example.com", role: str = "m1") -> str:
    """Returns the path of the link in the mail."""
    client.post("/org/acme/members/", {"email": email, "role": role})
    run_waiting_jobs()
    link = re.search(r"http://testserver(/org/acme/invitation/\S+/accept/)", str(mail.outbox[-1].body))
    assert link is not None
    return link[1]


@pytest.mark.parametrize("path", PAGES)
def test_the_owner_sees_every_page(as_alice: Client, acme: Org, path: str) -> None:
    assert as_alice.get(path).status_code == 200


@pytest.mark.parametrize(("path", "status"), list(zip(PAGES, [200, 403, 403, 403], strict=True)))
def test_a_member_sees_what_it_is_and_no_more(as_bob: Client, path: str, status: int) -> None:
    assert as_bob.get(path).status_code == status


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_finds_nothing(as_charlie: Client, acme: Org, path: str) -> None:
    assert as_charlie.get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_a_signed_out_visitor_is_sent_to_sign_in(client: Client, acme: Org, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/account/login/?next={path}"


def test_name_and_text_change(as_alice: Client, acme: Org) -> None:
    as_alice.post("/org/acme/", {"name": "Acme Water", "about": "Pipes"})

    acme.refresh_from_db()
    assert (acme.name, acme.about, acme.slug) == ("Acme Water", "Pipes", "acme")


def test_who_makes_an_organisation_owns_it(as_charlie: Client, charlie: Account) -> None:
    answer = as_charlie.post("/organisation/new/", {"name": "Charlie's wells", "about": ""})

    assert answer.headers["Location"] == "/org/charlies-wells/"
    assert role_of(charlie, Org.objects.get(slug="charlies-wells")) == "a0"


def test_a_second_organisation_of_a_name_is_refused_on_the_form(as_charlie: Client, acme: Org) -> None:
    answer = as_charlie.post("/organisation/new/", {"name": "Acme", "about": ""})

    assert answer.status_code == 400
    assert "There is an organisation with this name." in answer.content.decode()


def test_a_name_that_is_taken_is_refused_on_the_form(as_alice: Client, acme: Org, charlie: Account) -> None:
    answer = as_alice.post("/org/acme/", {"name": "Elsewhere", "about": ""})

    assert answer.status_code == 400
    assert "There is an organisation with this name." in answer.content.decode()


def test_a_member_changes_nothing(as_bob: Client, acme: Org) -> None:
    answer = as_bob.post("/org/acme/", {"name": "Bob's", "about": ""})

    acme.refresh_from_db()
    assert answer.status_code == 403
    assert acme.name == "Acme"


def test_a_role_changes_and_a_member_goes(as_alice: Client, acme: Org, bob: Account) -> None:
    as_alice.post("/org/acme/members/bob/role/", {"role": "r1"})
    operator = role_of(bob, acme)
    as_alice.post("/org/acme/members/bob/role/", {"role": "00"})

    assert (operator, role_of(bob, acme)) == (Role.OPERATOR, Role.DEREGISTERED)


def test_the_last_owner_stays_and_sees_why(as_alice: Client, acme: Org, alice: Account) -> None:
    answer = as_alice.post("/org/acme/members/alice/role/", {"role": "m1"}, follow=True)

    assert role_of(alice, acme) == Role.OWNER
    assert "owner" in "".join(str(message) for message in answer.context["messages"])


def test_a_member_leaves_by_a_button(as_bob: Client, acme: Org, bob: Account) -> None:
    page = as_bob.get("/org/acme/").content.decode()

    answer = as_bob.post("/org/acme/leave/", follow=True)

    assert 'href="/org/acme/leave/"' in page
    assert role_of(bob, acme) == Role.DEREGISTERED
    assert "You are no longer a member of Acme." in answer.content.decode()


@pytest.mark.parametrize("path", ["/org/acme/", "/org/acme/members/"])
def test_the_last_owner_has_no_button_to_leave(as_alice: Client, acme: Org, path: str) -> None:
    page = as_alice.get(path).content.decode()

    assert "/org/acme/leave/" not in page
    assert "You are the last owner of Acme." in page


def test_weak_point_1_a_member_cannot_make_an_owner(as_bob: Client, acme: Org, bob: Account) -> None:
    answer = as_bob.post("/org/acme/members/bob/role/", {"role": "a0"})

    assert answer.status_code == 403
    assert role_of(bob, acme) == Role.MEMBER


def test_an_admin_cannot_make_an_owner(acme: Org, bob: Account) -> None:
    admin = make_account()
    add_member(org=acme, user=admin, role=Role.ADMIN)

    answer = signed_in(admin).post("/org/acme/members/bob/role/", {"role": "a0"}, follow=True)

    assert role_of(bob, acme) == Role.MEMBER
    assert "above your own" in answer.content.decode()


def test_an_invitation_waits_is_sent_again_and_withdrawn(as_alice: Client, acme: Org) -> None:
    old = invite(as_alice)
    waiting = Invitation.objects.get(org=acme)
    as_alice.post(f"/org/acme/invitation/{waiting.pk}/resend/")
    run_waiting_jobs()
    listed = as_alice.get("/org/acme/members/").content.decode()
    as_alice.post(f"/org/acme/invitation/{waiting.pk}/withdraw/")

    assert "dora@example.com" in listed
    assert len(mail.outbox) == 2
    assert Client().get(old).status_code == 404
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("what", ["resend", "withdraw"])
def test_weak_point_9_an_invitation_is_only_for_who_manages_people(
    as_alice: Client, acme: Org, bob: Account, charlie: Account, what: str
) -> None:
    invite(as_alice)
    path = f"/org/acme/invitation/{Invitation.objects.get().pk}/{what}/"

    assert signed_in(bob).post(path).status_code == 403
    assert signed_in(charlie).post(path).status_code == 404
    assert Invitation.objects.count() == 1


def test_who_is_a_member_is_not_invited(as_alice: Client, bob: Account) -> None:
    answer = as_alice.post("/org/acme/members/", {"email": "bob@example.com", "role": "m1"})

    assert answer.status_code == 400
    assert "a member already" in answer.content.decode()


def test_the_one_who_is_invited_joins(as_alice: Client, acme: Org) -> None:
    dora = make_account(username="dora")
    link = invite(as_alice, role="d1")
    client = signed_in(dora)
    asked = client.get(link)
    answer = client.post(link, follow=True)

    assert "Join Acme" in asked.content.decode()
    assert role_of(dora, acme) == Role.DEVELOPER
    assert "You are a member of Acme now." in answer.content.decode()


def test_opening_the_link_does_not_join(as_alice: Client, acme: Org) -> None:
    dora = make_account(username="dora")

    signed_in(dora).get(invite(as_alice))

    assert not OrgMembership.objects.filter(user=dora).exists()


def test_an_invitation_is_only_for_its_address(
    as_alice: Client, as_charlie: Client, acme: Org, charlie: Account
) -> None:
    link = invite(as_alice)

    answer = as_charlie.post(link)

    assert answer.status_code == 403
    assert "dora@example.com" in answer.content.decode()
    assert not OrgMembership.objects.filter(user=charlie, org__slug="acme").exists()


def test_an_invitation_outlasts_signing_in(
    as_alice: Client, client: Client, acme: Org, settings: Settings
) -> None:
    settings.SIGNUP_OPEN = False
    make_account(username="dora")
    link = invite(as_alice)
    client.get(link)

    answer = client.post(
        reverse("account_login"), {"login": "dora@example.com", "password": "correct horse battery"}
    )

    assert answer.headers["Location"] == link


def test_who_is_invited_signs_up_while_sign_up_is_closed(
    as_alice: Client, client: Client, acme: Org, settings: Settings
) -> None:
    settings.SIGNUP_OPEN = False
    link = invite(as_alice)
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    closed = client.get(reverse("account_signup")).content.decode()
    client.get(link)
    other = client.post(reverse("account_signup"), {"email": "mallory@example.com", **passwords})
    client.post(reverse("account_signup"), {"email": "dora@example.com", **passwords})
    run_waiting_jobs()
    confirm = re.search(r"https?://\S+(/account/confirm-email/\S+/)", str(mail.outbox[-1].body))
    assert confirm is not None
    client.post(confirm[1])
    client.post(reverse("account_login"), {"login": "dora@example.com", "password": PASSWORD})
    client.post(link)

    assert "Sign-up is closed" in closed
    assert "went to another address" in other.content.decode()
    assert role_of(Account.objects.get(email="dora@example.com"), acme) == Role.MEMBER


def test_a_link_that_was_never_sent_is_over(client: Client, acme: Org) -> None:
    answer = client.get("/org/acme/invitation/no-such-secret/accept/")

    assert answer.status_code == 404
    assert "This invitation is no longer valid" in answer.content.decode()


def test_a_key_is_shown_once_and_revoked(as_alice: Client, acme: Org) -> None:
    made = as_alice.post("/org/acme/apikeys/", {"name": "Line 1", "scopes": ["production", "upload"]})
    clear = re.search(r'class="secret"[^>]*>([^<]+)<', made.content.decode())
    assert clear is not None
    listed = as_alice.get("/org/acme/apikeys/").content.decode()
    before = authenticate_org_key(clear[1])
    as_alice.post(f"/org/acme/apikeys/{acme.api_keys.get().pk}/revoke/")

    assert before is not None
    assert before.scopes == ["production", "upload"]
    assert clear[1] not in listed
    assert authenticate_org_key(clear[1]) is None
    assert "Revoked" in as_alice.get("/org/acme/apikeys/").content.decode()


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["upload"]},
        {"name": "Line", "scopes": []},
        {"name": "Line", "scopes": ["everything"]},
        {"name": "Line", "scopes": ["upload"], "expires_on": "2001-01-01T00:00"},
    ],
)
def test_a_key_that_cannot_be_is_refused(as_alice: Client, acme: Org, body: dict[str, object]) -> None:
    answer = as_alice.post("/org/acme/apikeys/", body)

    assert answer.status_code == 400
    assert not acme.api_keys.exists()


def test_a_member_neither_makes_nor_revokes_keys(as_bob: Client, acme: Org, alice: Account) -> None:
    key, _ = create_org_api_key(org=acme, name="Line", scopes=["upload"], by=alice)

    made = as_bob.post("/org/acme/apikeys/", {"name": "Mine", "scopes": ["upload"]})
    revoked = as_bob.post(f"/org/acme/apikeys/{key.pk}/revoke/")

    assert (made.status_code, revoked.status_code) == (403, 403)
    assert acme.api_keys.get().revoked_on is None


def test_the_audit_trail_shows_who_did_what(as_alice: Client, acme: Org, bob: Account) -> None:
    as_alice.post("/org/acme/members/bob/role/", {"role": "r1"})

    page = as_alice.get("/org/acme/audit/").content.decode()

    assert "change-role" in page
    assert "@bob" in page
    assert "alice" in page


@pytest.mark.parametrize("name", ["Acme\nYour account is locked", "Acme \u202egnp"])
def test_a_name_of_more_than_one_line_is_refused_on_the_form(as_alice: Client, acme: Org, name: str) -> None:
    answer = as_alice.post("/org/acme/", {"name": name, "about": ""})

    acme.refresh_from_db()
    assert answer.status_code == 400
    assert acme.name == "Acme"


def test_the_page_of_an_organisation_shows_what_it_uploaded_today(
    as_bob: Client, acme: Org, settings: Settings
) -> None:
    settings.UPLOAD_REPORTS_A_DAY = 500
    UploadDay.objects.create(org=acme, day=timezone.now().date(), reports=7, size_bytes=2048)

    page = as_bob.get("/org/acme/").content.decode()

    assert "7 of 500" in page
    assert "2.0\xa0KB of 20.0\xa0GB" in page


def test_the_page_of_an_organisation_shows_the_requests_of_its_devices_and_programs(
    as_bob: Client, acme: Org, settings: Settings
) -> None:
    settings.REQUESTS_A_DAY = 5_000_000
    RequestDay.objects.create(caller=f"org {acme.pk}", day=timezone.now().date(), requests=1234)

    page = as_bob.get("/org/acme/").content.decode()

    assert "1,234 of 5,000,000" in page


def test_the_page_of_an_organisation_is_silent_on_requests_that_are_not_counted(
    as_bob: Client, acme: Org, settings: Settings
) -> None:
    settings.REQUESTS_A_DAY = 0

    page = as_bob.get("/org/acme/").content.decode()

    assert "<dt>Requests</dt>" not in page
