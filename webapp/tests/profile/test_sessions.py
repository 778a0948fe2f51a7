"""The sessions of a person: listed, ended one by one, and ended by what is stronger."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import bearer_of_jwt
from server.apps.accounts.selectors.security import sessions_of
from server.apps.accounts.services.authentication import authenticate_api_token
from server.apps.accounts.services.people import erase_account, set_password
from server.apps.accounts.services.signing import create_api_token, issue_jwt
from server.apps.accounts.tests.factories import PASSWORD
from server.apps.activity.models import SecurityEvent
from server.core.durable import durable_cache
from webapp.tests.conftest import signed_in
from webapp.tests.profile.test_security import set_up_app

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SECURITY = "/profile/security/"
NEW_PASSWORD = "quite another horse"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0"


@pytest.fixture(autouse=True)
def no_tries_before(db: None) -> None:
    durable_cache.clear()


@pytest.fixture
def here(alice: Account) -> Client:
    """A browser in which Alice has just signed in."""
    return browser_of_alice()


@pytest.fixture
def elsewhere(alice: Account) -> Client:
    return browser_of_alice(agent=FIREFOX, address="198.51.100.8")


def browser_of_alice(agent: str = "Pump/1", address: str = "127.0.0.1") -> Client:
    browser = Client(REMOTE_ADDR=address, headers={"User-Agent": agent})
    browser.post(reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD})
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get(SECURITY).status_code == 200


def ref_of(browser: Client, user: Account) -> str:
    return next(each.ref for each in sessions_of(user) if each.session_key == browser.session.session_key)


def ended(user: Account) -> list[str]:
    events = SecurityEvent.objects.filter(account_id=user.pk, kind="session-ended")
    return list(events.values_list("subject", flat=True))


def test_the_page_lists_browser_and_address_of_each_session(here: Client, elsewhere: Client) -> None:
    page = here.get(SECURITY).content.decode()

    assert "Firefox on Windows" in page
    assert "198.51.100.8" in page
    assert page.count("This browser") == 1


def test_the_page_contains_no_key_of_a_session(here: Client, elsewhere: Client) -> None:
    page = here.get(SECURITY).content.decode()

    assert str(here.session.session_key) not in page
    assert str(elsewhere.session.session_key) not in page


def test_one_session_is_ended(here: Client, elsewhere: Client, alice: Account) -> None:
    third = browser_of_alice()

    here.post(reverse("session-end", args=[ref_of(elsewhere, alice)]))

    assert [is_signed_in(each) for each in (here, elsewhere, third)] == [True, False, True]
    assert ended(alice) == ["198.51.100.8"]


def test_a_session_of_somebody_else_is_not_found(here: Client, alice: Account, charlie: Account) -> None:
    other = signed_in(charlie)

    answer = here.post(reverse("session-end", args=[ref_of(other, charlie)]))

    assert answer.status_code == 404
    assert is_signed_in(other)


def test_all_others_are_ended_at_once(
    here: Client, elsewhere: Client, alice: Account, charlie: Account
) -> None:
    of_charlie = signed_in(charlie)

    here.post(reverse("sessions-end"))

    assert [is_signed_in(each) for each in (here, elsewhere, of_charlie)] == [True, False, True]
    assert ended(alice) == ["1 at once"]


def test_a_jwt_of_a_session_ends_with_it(here: Client, elsewhere: Client) -> None:
    jwt = elsewhere.get("/api/v1/auth/user-info/").json()["jwt"]
    before = bearer_of_jwt(jwt)[0]

    here.post(reverse("sessions-end"))

    assert before is not None
    assert bearer_of_jwt(jwt)[0] is None


def test_a_password_changed_on_the_page_ends_all_others(
    here: Client, elsewhere: Client, alice: Account
) -> None:
    new = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    here.post(reverse("account_change_password"), new)

    assert [is_signed_in(here), is_signed_in(elsewhere)] == [True, False]
    assert sessions_of(alice).count() == 1


def test_a_password_set_over_rest_ends_all(here: Client, alice: Account) -> None:
    set_password(user=alice, current=PASSWORD, new=NEW_PASSWORD)

    assert not sessions_of(alice).exists()


def test_an_erased_account_has_no_sessions(here: Client, alice: Account) -> None:
    erase_account(account=alice, by=alice)

    assert not sessions_of(alice).exists()


def test_the_first_factor_ends_what_came_by_the_password_alone(
    here: Client,
    elsewhere: Client,
    alice: Account,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    token, jwt = create_api_token(user=alice, name="Pump"), issue_jwt(user=alice)

    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(here)

    assert [is_signed_in(here), is_signed_in(elsewhere)] == [True, False]
    assert authenticate_api_token(token) is None
    assert bearer_of_jwt(jwt)[0] is None
    kinds = SecurityEvent.objects.filter(account_id=alice.pk).values_list("kind", flat=True)
    assert {"session-ended", "credentials-revoked", "factor-changed"} <= set(kinds)


def test_a_factor_that_is_turned_off_ends_other_sessions_and_no_token(
    here: Client, elsewhere: Client, alice: Account
) -> None:
    TOTP.activate(alice, generate_totp_secret())
    token = create_api_token(user=alice, name="Pump")

    here.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.filter(user=alice).exists()
    assert [is_signed_in(here), is_signed_in(elsewhere)] == [True, False]
    assert authenticate_api_token(token) == alice


def test_sign_in_by_the_api_makes_no_session(alice: Account) -> None:
    APIClient().post("/api/v1/auth/login/", {"email": alice.email, "password": PASSWORD}, format="json")

    assert not sessions_of(alice).exists()
