"""Accounts over REST: signing up, oneself, changing the password, going."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org, OrgMembership, Role
from server.apps.accounts.selectors.accounts import bearer_of_jwt
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.authentication import authenticate_api_token
from server.apps.accounts.services.signing import create_api_token, issue_jwt
from server.apps.accounts.tests.clients import Answer, api_client
from server.apps.accounts.tests.factories import PASSWORD, make_account
from server.apps.activity.models import Change, SecurityEvent
from server.core.durable import durable_cache

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

ACCOUNT = "/api/v1/account/"
LOGIN = "/api/v1/auth/login/"
NEW_PASSWORD = "quite another horse"


@pytest.fixture(autouse=True)
def no_tries_before(db: None) -> None:
    durable_cache.clear()


@pytest.fixture
def signup_open(settings: Settings) -> None:
    settings.SIGNUP_OPEN = True


@pytest.fixture
def staff(db: None) -> Account:
    return make_account(username="sally", is_staff=True)


def sign_up(email: str = "dora@example.com", password: str = PASSWORD, **more: Any) -> Answer:
    body = {"email": email, "username": "dora", "name": "Dora", "password": password}
    return APIClient().post(ACCOUNT, {**body, "confirm_password": password, **more}, format="json")


def can_sign_in(email: str, password: str = PASSWORD) -> bool:
    answer = APIClient().post(LOGIN, {"email": email, "password": password}, format="json")
    return bool(answer.status_code == 200)


def test_sign_up_is_closed_unless_the_installation_opens_it(settings: Settings) -> None:
    settings.SIGNUP_OPEN = False

    response = sign_up()

    assert response.status_code == 403
    assert not Account.objects.filter(email="dora@example.com").exists()


def test_a_new_account_signs_in_after_the_link_of_its_mail(
    signup_open: None, run_jobs: Callable[[], int]
) -> None:
    response = sign_up()
    run_jobs()
    before = can_sign_in("dora@example.com")
    link = re.search(r"https?://\S+(/account/confirm-email/\S+/)", str(mail.outbox[0].body))
    assert link is not None
    Client().post(link[1])

    assert response.status_code == 201
    assert not before
    assert can_sign_in("dora@example.com")


def test_without_confirmation_a_new_account_signs_in_at_once(signup_open: None, settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"

    sign_up()

    assert can_sign_in("dora@example.com")
    assert mail.outbox == []


def test_weak_point_15_sign_up_does_not_reveal_whether_an_address_is_known(
    signup_open: None, alice: Account, run_jobs: Callable[[], int]
) -> None:
    fresh = sign_up()
    known = sign_up(email="Alice@example.com")
    run_jobs()

    assert fresh.status_code == known.status_code == 201
    assert fresh.json() == {
        "id": None,
        "slug": None,
        "created_at": None,
        "username": "dora",
        "email": "dora@example.com",
        "name": "Dora",
    }
    assert known.json() == {**fresh.json(), "email": "Alice@example.com"}
    assert Account.objects.filter(email__iexact="alice@example.com").count() == 1
    assert [message.to for message in mail.outbox] == [["dora@example.com"], ["Alice@example.com"]]


@pytest.mark.parametrize("password", ["abc", "1234567890", "password12", "elevenchars"])
@pytest.mark.parametrize("email", ["dora@example.com", "alice@example.com"])
def test_weak_point_15_sign_up_takes_no_weak_password(
    signup_open: None, alice: Account, email: str, password: str
) -> None:
    response = sign_up(email=email, password=password, username="")

    assert response.status_code == 400
    assert list(response.json()) == ["password"]


def test_two_different_passwords_are_refused(signup_open: None) -> None:
    response = sign_up(confirm_password="another horse entirely")

    assert list(response.json()) == ["confirm_password"]


def test_weak_point_15_sign_ups_are_limited(signup_open: None) -> None:
    responses = [sign_up(email=f"person{number}@example.com") for number in range(21)]

    assert [response.status_code for response in responses] == [201] * 20 + [429]
    assert int(responses[-1].headers["Retry-After"]) > 0


def test_nobody_can_have_one_address_flooded_with_mails(signup_open: None, alice: Account) -> None:
    statuses = [sign_up(email="alice@example.com").status_code for _ in range(6)]

    assert statuses == [201] * 5 + [429]


def test_staff_makes_an_account_that_needs_no_confirmation(staff: Account) -> None:
    body = {"email": "dora@example.com", "username": "dora", "verified_email": True}
    passwords = {"password": PASSWORD, "confirm_password": PASSWORD}

    response = api_client(staff).post(f"{ACCOUNT}?staff=1", {**body, **passwords}, format="json")

    assert response.status_code == 201
    assert response.json()["slug"] == "dora"
    assert can_sign_in("dora@example.com")


def test_a_confirmed_address_is_not_for_everybody_to_claim(signup_open: None, alice: Account) -> None:
    body = {"email": "dora@example.com", "username": "dora", "verified_email": True}
    passwords = {"password": PASSWORD, "confirm_password": PASSWORD}

    api_client(alice).post(f"{ACCOUNT}?staff=1", {**body, **passwords}, format="json")

    assert not can_sign_in("dora@example.com")


@pytest.mark.parametrize("slug", ["alice", "@alice"])
def test_one_reads_ones_own_account(alice: Account, slug: str) -> None:
    response = api_client(alice).get(f"{ACCOUNT}{slug}/")

    assert response.json()["email"] == "alice@example.com"
    assert response.json()["avatar"] == {"tiny": None, "thumbnail": None, "medium": None}


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
@pytest.mark.parametrize("slug", ["bob", "nobody", "%00", "@"])
def test_weak_point_9_an_account_is_only_for_oneself(
    alice: Account, bob: Account, method: str, slug: str
) -> None:
    body = {} if method == "get" else {"name": "Mallory"}

    response = getattr(api_client(alice), method)(f"{ACCOUNT}{slug}/", body, format="json")

    bob.refresh_from_db()
    assert response.status_code == 404
    assert response.json() == {"detail": "Not found."}
    assert (bob.name, bob.is_active) == ("", True)


def test_weak_point_9_staff_without_the_parameter_see_only_themselves(staff: Account, alice: Account) -> None:
    client = api_client(staff)

    assert client.get(f"{ACCOUNT}alice/").status_code == 404
    assert client.get(f"{ACCOUNT}alice/?staff=1").status_code == 200
    assert [each["slug"] for each in client.get(ACCOUNT).json()["results"]] == ["sally"]
    assert client.get(f"{ACCOUNT}?staff=1").json()["count"] == Account.objects.count()


def test_weak_point_9_the_parameter_alone_makes_nobody_staff(alice: Account, bob: Account) -> None:
    client = api_client(alice)

    assert client.get(f"{ACCOUNT}bob/?staff=1").status_code == 404
    assert client.get(f"{ACCOUNT}?staff=1").json()["count"] == 1


@pytest.mark.parametrize("method", ["put", "patch"])
def test_name_and_tagline_change_and_the_rest_may_come_back_as_it_was(alice: Account, method: str) -> None:
    client = api_client(alice)
    read = client.get(f"{ACCOUNT}alice/").json()

    response = getattr(client, method)(
        f"{ACCOUNT}alice/", {**read, "name": "Alice W.", "tagline": "Water"}, format="json"
    )

    assert response.status_code == 200
    assert (response.json()["name"], response.json()["tagline"]) == ("Alice W.", "Water")
    assert response.json()["is_staff"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "other@example.com"),
        ("username", "other"),
        ("is_superuser", True),
        ("name", "a\0b"),
        ("name", {"a": 1}),
    ],
)
def test_what_cannot_change_is_named(alice: Account, field: str, value: object) -> None:
    response = api_client(alice).patch(f"{ACCOUNT}alice/", {field: value}, format="json")

    assert response.status_code == 400
    assert list(response.json()) == [field]


def test_nobody_becomes_staff_by_saying_so(alice: Account) -> None:
    api_client(alice).patch(f"{ACCOUNT}alice/", {"is_staff": True}, format="json")

    alice.refresh_from_db()
    assert alice.is_staff is False


def test_an_erased_account_leaves_nothing_personal(acme: Org, bob: Account) -> None:
    client = api_client(bob)

    response = client.delete(f"{ACCOUNT}bob/")

    bob.refresh_from_db()
    assert response.status_code == 204
    assert not bob.is_active
    assert "bob" not in f"{bob.username} {bob.slug} {bob.email} {bob.name}"
    assert not EmailAddress.objects.filter(user=bob).exists()
    assert client.get(ACCOUNT).status_code == 401
    assert not can_sign_in("bob@example.com")
    assert not OrgMembership.objects.get(org=acme, user=bob).is_active
    assert Change.objects.filter(org=acme, event="erase-account", audited=True).count() == 1


def test_the_address_of_an_erased_account_is_free_again(acme: Org, bob: Account) -> None:
    api_client(bob).delete(f"{ACCOUNT}bob/")

    assert make_account(username="bob").email == "bob@example.com"


def test_the_last_owner_of_an_organisation_cannot_go(acme: Org, alice: Account) -> None:
    response = api_client(alice).delete(f"{ACCOUNT}alice/")

    alice.refresh_from_db()
    assert response.status_code == 400
    assert "Acme" in response.json()["detail"]
    assert alice.is_active


def test_an_owner_can_go_when_there_is_another_one(acme: Org, alice: Account) -> None:
    add_member(org=acme, user=make_account(), role=Role.OWNER)

    assert api_client(alice).delete(f"{ACCOUNT}alice/").status_code == 204


def set_password(account: Account, *, as_whom: Account | None = None, **body: Any) -> Answer:
    new = {"password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD, "current_password": PASSWORD}
    return api_client(as_whom or account).post(
        f"{ACCOUNT}{account.slug}/set_password/", {**new, **body}, format="json"
    )


def test_a_new_password_is_set(alice: Account) -> None:
    response = set_password(alice)

    assert (response.status_code, response.json()) == (201, {"status": "password set"})
    assert can_sign_in("alice@example.com", NEW_PASSWORD)
    assert not can_sign_in("alice@example.com")


def test_a_new_password_is_one_event_and_one_mail(alice: Account, run_jobs: Callable[[], int]) -> None:
    set_password(alice)
    run_jobs()

    assert SecurityEvent.objects.filter(kind="password-changed").count() == 1
    assert [(each.to, "password" in each.subject.lower()) for each in mail.outbox] == [([alice.email], True)]


def test_weak_point_16_a_new_password_ends_what_was_given_out_before(alice: Account) -> None:
    jwt, token = issue_jwt(user=alice), create_api_token(user=alice)
    browser = Client()
    browser.force_login(alice)

    set_password(alice)

    assert bearer_of_jwt(jwt)[0] is None
    assert authenticate_api_token(token) is None
    assert browser.get("/profile/").status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [("current_password", "not it"), ("password", "abc"), ("confirm_password", "another horse entirely")],
)
def test_a_password_that_does_not_fit_is_named(alice: Account, field: str, value: str) -> None:
    body: dict[str, Any] = {field: value} | ({"confirm_password": value} if field == "password" else {})

    response = set_password(alice, **body)

    assert response.status_code == 400
    assert list(response.json()) == [field]
    assert can_sign_in("alice@example.com")


def test_weak_point_9_nobody_sets_the_password_of_somebody_else(
    alice: Account, bob: Account, staff: Account
) -> None:
    assert set_password(alice, as_whom=bob).status_code == 404
    assert set_password(alice, as_whom=staff).status_code == 404


def test_guessing_the_present_password_is_limited(alice: Account) -> None:
    statuses = [set_password(alice, current_password="not it").status_code for _ in range(11)]

    assert statuses == [400] * 10 + [429]
