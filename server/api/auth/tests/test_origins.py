"""What a credential makes of another one: never anything stronger or longer, and it ends with what
it came from."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, ApiToken, EndedJwt
from server.apps.accounts.services.authentication import authenticate_api_token
from server.apps.accounts.services.cleaning import clean_accounts
from server.apps.accounts.services.signing import (
    create_api_token,
    issue_jwt,
    refresh_jwt,
    revoke_credentials,
    revoke_own_token,
)
from server.apps.accounts.tests.clients import Answer
from server.apps.accounts.tests.factories import PASSWORD

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LOGIN = "/api/v1/auth/login/"
LOGOUT = "/api/v1/auth/logout/"
REFRESH = "/api/v1/auth/api-jwt-refresh/"
TOKEN = "/api/v1/auth/token/"
USER_INFO = "/api/v1/auth/user-info/"
ACCOUNT = "/api/v1/account/"


def ask(url: str, authorization: str, method: str = "get") -> Answer:
    return getattr(APIClient(), method)(url, HTTP_AUTHORIZATION=authorization)  # type: ignore[no-any-return]


def is_good(authorization: str) -> bool:
    return ask(ACCOUNT, authorization).status_code == 200


@pytest.fixture
def browser(alice: Account) -> Client:
    """Alice's, who signed in a while ago."""
    browser = Client()
    browser.post(reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD})
    return browser


@pytest.fixture
def recent(browser: Client) -> Client:
    """The same, after she has shown again who she is."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def test_a_token_is_answered_with_itself_and_a_jwt(alice: Account) -> None:
    token = create_api_token(user=alice)

    answer = ask(TOKEN, f"Token {token}")

    assert answer.json()["token"] == token
    assert is_good(f"JWT {answer.json()['jwt']}")
    assert ApiToken.objects.filter(user=alice).count() == 1


@pytest.mark.parametrize("url", [TOKEN, USER_INFO])
@pytest.mark.parametrize("ending", ["revoked", "signed out", "expired"])
def test_a_jwt_ends_with_the_token_that_it_came_from(alice: Account, url: str, ending: str) -> None:
    token, other = create_api_token(user=alice, name="Laptop"), create_api_token(user=alice)
    jwt, of_other = (ask(url, f"Token {each}").json()["jwt"] for each in (token, other))
    refreshed = refresh_jwt(token=jwt)

    if ending == "revoked":
        revoke_own_token(user=alice, token_id=ApiToken.objects.get(name="Laptop").pk)
    elif ending == "signed out":
        ask(LOGOUT, f"Token {token}", "post")
    else:
        ApiToken.objects.filter(name="Laptop").update(expires_on=timezone.now() - timedelta(seconds=1))

    assert [is_good(f"JWT {each}") for each in (jwt, refreshed, of_other)] == [False, False, True]
    assert APIClient().post(REFRESH, {"token": jwt}, format="json").status_code == 400


def test_a_jwt_makes_no_token(alice: Account) -> None:
    jwt = issue_jwt(user=alice)

    answers = [ask(TOKEN, f"JWT {jwt}", method) for method in ("get", "post")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not ApiToken.objects.exists()


def test_a_token_makes_no_other_token(alice: Account) -> None:
    token = create_api_token(user=alice)

    assert ask(TOKEN, f"Token {token}", "post").status_code == 403
    assert ApiToken.objects.count() == 1


def test_a_visit_of_a_signed_in_browser_makes_and_ends_no_token(alice: Account, recent: Client) -> None:
    """Another site can send a browser to any address."""
    token = create_api_token(user=alice)

    statuses = {recent.get(TOKEN).status_code for _ in range(55)}

    assert statuses == {403}
    assert authenticate_api_token(token) == alice


def test_a_session_makes_a_token_only_after_a_recent_sign_in(alice: Account, recent: Client) -> None:
    token = recent.post(TOKEN).json()

    assert authenticate_api_token(token["token"]) == alice
    assert is_good(f"JWT {token['jwt']}")


@pytest.mark.parametrize(("method", "url"), [("post", TOKEN), ("get", USER_INFO)])
def test_a_session_of_long_ago_gets_no_credential(browser: Client, method: str, url: str) -> None:
    answer = getattr(browser, method)(url)

    assert answer.status_code == 403
    assert "jwt" not in answer.json()


def test_a_session_makes_a_token_only_with_the_csrf_token(alice: Account) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    assert browser.post(TOKEN).status_code == 403
    assert not ApiToken.objects.exists()


def test_the_jwt_of_a_session_ends_with_it(recent: Client) -> None:
    jwt = recent.get(USER_INFO).json()["jwt"]
    refreshed = refresh_jwt(token=jwt)
    before = is_good(f"JWT {refreshed}")

    recent.post(reverse("account_logout"))

    assert before
    assert [is_good(f"JWT {each}") for each in (jwt, refreshed)] == [False, False]


def test_the_jwt_of_a_session_does_not_show_its_key(recent: Client) -> None:
    jwt = recent.get(USER_INFO).json()["jwt"]

    assert recent.session.session_key
    assert recent.session.session_key not in jwt


def test_the_jwt_of_a_session_ends_when_that_is_somebody_elses(recent: Client, bob: Account) -> None:
    jwt = recent.get(USER_INFO).json()["jwt"]
    engine = import_module(configured.SESSION_ENGINE)
    session = engine.SessionStore(recent.session.session_key)
    session["_auth_user_id"] = str(bob.pk)
    session.save()

    assert not is_good(f"JWT {jwt}")


def test_signing_out_with_a_jwt_ends_all_of_its_family(alice: Account) -> None:
    first, other = issue_jwt(user=alice), issue_jwt(user=alice)
    second = refresh_jwt(token=first)
    third = refresh_jwt(token=second)

    answer = ask(LOGOUT, f"JWT {second}", "post")

    assert answer.status_code == 204
    assert [is_good(f"JWT {each}") for each in (first, second, third, other)] == [False, False, False, True]
    assert APIClient().post(REFRESH, {"token": third}, format="json").status_code == 400


def test_signing_out_twice_is_401(alice: Account) -> None:
    jwt = issue_jwt(user=alice)

    assert [ask(LOGOUT, f"JWT {jwt}", "post").status_code for _ in range(2)] == [204, 401]


def test_ended_families_are_forgotten_when_all_of_them_have_expired(
    alice: Account, settings: Settings
) -> None:
    ask(LOGOUT, f"JWT {issue_jwt(user=alice)}", "post")
    now, lifetime = timezone.now(), timedelta(days=settings.JWT_LIFETIME_DAYS)

    clean_accounts(now=now + lifetime - timedelta(hours=1))
    kept = EndedJwt.objects.count()
    clean_accounts(now=now + lifetime + timedelta(hours=1))

    assert (kept, EndedJwt.objects.count()) == (1, 0)


def test_the_oldest_token_makes_room_and_named_ones_stay(alice: Account, settings: Settings) -> None:
    settings.API_TOKENS_OF_SIGN_IN = 3
    named = create_api_token(user=alice, name="Laptop")
    login = {"email": "alice@example.com", "password": PASSWORD}

    tokens = [APIClient().post(LOGIN, login, format="json").json()["token"] for _ in range(4)]

    assert [authenticate_api_token(token) for token in [named, *tokens]] == [alice, None, alice, alice, alice]


def test_a_new_password_ends_everything(alice: Account, recent: Client) -> None:
    token = create_api_token(user=alice)
    jwts = [ask(USER_INFO, f"Token {token}").json()["jwt"], recent.get(USER_INFO).json()["jwt"]]

    revoke_credentials(user=alice)

    assert [is_good(f"JWT {jwt}") for jwt in jwts] == [False, False]


@pytest.mark.parametrize("url", [TOKEN, USER_INFO])
def test_answers_with_a_credential_are_stored_nowhere(alice: Account, url: str) -> None:
    token = create_api_token(user=alice)

    answers = [
        ask(url, f"Token {token}"),
        APIClient().post(LOGIN, {"email": "alice", "password": PASSWORD}, format="json"),
        APIClient().post(REFRESH, {"token": issue_jwt(user=alice)}, format="json"),
    ]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


@pytest.mark.parametrize("url", [TOKEN, USER_INFO])
def test_credentials_are_given_out_as_often_as_the_limit_says(
    alice: Account, settings: Settings, url: str
) -> None:
    rates = {**configured.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "key": "2/min"}
    settings.REST_FRAMEWORK = {**configured.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    token = create_api_token(user=alice)

    assert [ask(url, f"Token {token}").status_code for _ in range(3)] == [200, 200, 429]
