"""Signing in and out over REST, as the existing clients do it."""

from datetime import timedelta

import jwt as pyjwt
import pytest
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import bearer_of_jwt
from server.apps.accounts.services.signing import (
    account_with_password,
    create_api_token,
    issue_jwt,
    revoke_credentials,
)
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import PASSWORD
from server.core.durable import durable_cache

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LOGIN = "/api/v1/auth/login/"
LOGOUT = "/api/v1/auth/logout/"
JWT_AUTH = "/api/v1/auth/api-jwt-auth/"
VERIFY = "/api/v1/auth/api-jwt-verify/"
REFRESH = "/api/v1/auth/api-jwt-refresh/"
USER_INFO = "/api/v1/auth/user-info/"
ACCOUNT = "/api/v1/account/"


@pytest.fixture(autouse=True)
def no_tries_before(db: None) -> None:
    durable_cache.clear()


@pytest.fixture
def anyone() -> APIClient:
    return APIClient()


def credentials_of(account: Account, password: str = PASSWORD) -> dict[str, str]:
    return {"email": account.email, "password": password}


def test_login_answers_with_the_account_and_both_credentials(anyone: APIClient, alice: Account) -> None:
    response = anyone.post(LOGIN, credentials_of(alice), format="json")

    assert response.status_code == 200
    assert set(response.json()) == {
        *("id", "email", "username", "created_at", "updated_at", "name", "tagline", "avatar", "slug"),
        *("is_staff", "token", "jwt"),
    }
    assert response.json()["username"] == "alice"


@pytest.mark.parametrize(
    ("scheme", "key"),
    [("JWT", "jwt"), ("jwt", "jwt"), ("Bearer", "jwt"), ("Token", "token"), ("token", "token")],
)
def test_a_credential_of_login_opens_the_account(
    anyone: APIClient, alice: Account, scheme: str, key: str
) -> None:
    credential = anyone.post(LOGIN, credentials_of(alice), format="json").json()[key]

    response = anyone.get(ACCOUNT, HTTP_AUTHORIZATION=f"{scheme} {credential}")

    assert [account["slug"] for account in response.json()["results"]] == ["alice"]


def test_login_sets_no_cookie(anyone: APIClient, alice: Account) -> None:
    response = anyone.post(LOGIN, credentials_of(alice), format="json")

    assert not response.cookies


def test_login_works_for_somebody_who_has_a_session(alice: Account) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    response = browser.post(LOGIN, credentials_of(alice), content_type="application/json")

    assert response.status_code == 200


def test_login_works_with_an_old_token_in_the_header(anyone: APIClient, alice: Account) -> None:
    response = anyone.post(
        LOGIN, credentials_of(alice), format="json", HTTP_AUTHORIZATION="JWT long.gone.now"
    )

    assert response.status_code == 200


def test_the_address_counts_in_any_case(anyone: APIClient, alice: Account) -> None:
    login = {"email": "ALICE@Example.com", "password": PASSWORD}

    assert anyone.post(LOGIN, login, format="json").status_code == 200


def test_wrong_password_unknown_address_and_inactive_account_are_one_answer(
    anyone: APIClient, alice: Account, bob: Account
) -> None:
    bob.is_active = False
    bob.save(update_fields=["is_active"])

    answers = [
        anyone.post(LOGIN, login, format="json")
        for login in (
            credentials_of(alice, "not it"),
            {"email": "nobody@example.com", "password": PASSWORD},
            credentials_of(bob),
        )
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.content for answer in answers} == {b'"Wrong e-mail address or password."'}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'JWT realm="api"'}


def test_an_unknown_address_costs_a_hash_as_a_wrong_password_does(
    alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = type(get_hasher())
    encode, hashed = hasher.encode, []

    def counted(self: BasePasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hasher, "encode", counted)

    account_with_password(login=alice.email, password="not it")
    wrong_password = len(hashed)
    account_with_password(login="nobody@example.com", password="not it")

    assert len(hashed) == 2 * wrong_password


@pytest.mark.parametrize(
    "body",
    [
        *("", "nonsense", "[]", '"text"', "null", "{}", '{"email": "a@example.com"}', "[" * 60_000),
        '{"email": ["a"], "password": {"b": 1}}',
        '{"email": "a\\u0000b", "password": "c"}',
        '{"email": "\\ud800", "password": "\\udfff"}',
        '{"email": "' + "a" * 60_000 + '", "password": "b"}',
    ],
)
@pytest.mark.parametrize("url", [LOGIN, JWT_AUTH, VERIFY, REFRESH])
def test_a_body_that_is_no_sign_in_is_400(anyone: APIClient, url: str, body: str) -> None:
    response = anyone.generic("POST", url, body, content_type="application/json")

    assert response.status_code == 400


def test_a_missing_field_is_named(anyone: APIClient) -> None:
    response = anyone.post(LOGIN, {"email": "alice@example.com"}, format="json")

    assert list(response.json()) == ["password"]


@pytest.mark.parametrize("login", ["alice@example.com", "alice"])
def test_api_jwt_auth_takes_the_address_or_the_user_name(
    anyone: APIClient, alice: Account, login: str
) -> None:
    response = anyone.post(JWT_AUTH, {"username": login, "password": PASSWORD}, format="json")

    assert response.status_code == 200
    assert bearer_of_jwt(response.json()["token"])[0] == alice


def test_api_jwt_auth_refuses_with_non_field_errors(anyone: APIClient, alice: Account) -> None:
    response = anyone.post(JWT_AUTH, {"username": "alice", "password": "not it"}, format="json")

    assert response.status_code == 400
    assert list(response.json()) == ["non_field_errors"]


def test_the_jwt_has_the_claims_that_clients_read(alice: Account) -> None:
    claims = pyjwt.decode(issue_jwt(user=alice), options={"verify_signature": False})

    assert {"user_id", "username", "email", "exp", "orig_iat"} <= set(claims)


def test_refresh_gives_another_one_and_leaves_the_old_one_valid(anyone: APIClient, alice: Account) -> None:
    old = issue_jwt(user=alice)

    response = anyone.post(REFRESH, {"token": old}, format="json")

    assert response.status_code == 200
    assert response.json()["token"] != old
    assert bearer_of_jwt(response.json()["token"])[0] == alice
    assert bearer_of_jwt(old)[0] == alice


def test_refresh_ends_some_time_after_the_sign_in(
    anyone: APIClient, alice: Account, settings: Settings
) -> None:
    long_ago = timezone.now() - timedelta(days=settings.JWT_REFRESH_DAYS + 1)
    old = issue_jwt(user=alice, first_issued_on=long_ago)

    response = anyone.post(REFRESH, {"token": old}, format="json")

    assert response.status_code == 400
    assert list(response.json()) == ["non_field_errors"]


@pytest.mark.parametrize("url", [VERIFY, REFRESH])
def test_a_token_that_is_none_is_refused(anyone: APIClient, url: str) -> None:
    response = anyone.post(url, {"token": "not.a.token"}, format="json")

    assert response.status_code == 400
    assert list(response.json()) == ["non_field_errors"]


def test_verify_gives_back_what_is_valid(anyone: APIClient, alice: Account) -> None:
    token = issue_jwt(user=alice)

    response = anyone.post(VERIFY, {"token": token}, format="json")

    assert response.json() == {"token": token}


def test_user_info_has_the_account_and_the_jwt_that_came(alice: Account) -> None:
    token = issue_jwt(user=alice)

    response = APIClient().get(USER_INFO, HTTP_AUTHORIZATION=f"JWT {token}")

    assert response.json()["slug"] == "alice"
    assert response.json()["jwt"] == token


def test_user_info_makes_a_jwt_for_who_came_with_a_token(alice: Account) -> None:
    token = create_api_token(user=alice)

    response = APIClient().get(USER_INFO, HTTP_AUTHORIZATION=f"Token {token}")

    assert bearer_of_jwt(response.json()["jwt"])[0] == alice


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_logout_is_204_without_a_body(alice: Account, content_type: str) -> None:
    response = api_client(alice).generic("POST", LOGOUT, "", content_type=content_type)

    assert response.status_code == 204
    assert response.content == b""


def test_logout_ends_the_token_that_asks(anyone: APIClient, alice: Account) -> None:
    token, other = create_api_token(user=alice), create_api_token(user=alice)

    anyone.post(LOGOUT, HTTP_AUTHORIZATION=f"Token {token}")

    assert anyone.get(ACCOUNT, HTTP_AUTHORIZATION=f"Token {token}").status_code == 401
    assert anyone.get(ACCOUNT, HTTP_AUTHORIZATION=f"Token {other}").status_code == 200


def test_logout_ends_the_session(alice: Account) -> None:
    browser = Client()
    browser.force_login(alice)

    browser.post(LOGOUT)

    assert browser.get(ACCOUNT).status_code == 401


def test_logout_from_a_session_needs_the_csrf_token(alice: Account) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    assert browser.post(LOGOUT).status_code == 403


def test_tries_are_limited_for_an_address(anyone: APIClient, alice: Account) -> None:
    statuses = [
        anyone.post(LOGIN, credentials_of(alice, "not it"), format="json").status_code for _ in range(21)
    ]

    assert statuses == [401] * 20 + [429]


def test_the_limit_of_one_address_is_not_that_of_another(
    anyone: APIClient, alice: Account, bob: Account
) -> None:
    for _ in range(20):
        anyone.post(LOGIN, credentials_of(alice, "not it"), format="json")

    assert anyone.post(LOGIN, credentials_of(bob), format="json").status_code == 200


def test_the_limit_cannot_be_dodged_by_a_header(anyone: APIClient, alice: Account) -> None:
    statuses = [
        anyone.post(
            LOGIN, credentials_of(alice, "not it"), format="json", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}"
        ).status_code
        for number in range(21)
    ]

    assert statuses[-1] == 429


@pytest.mark.parametrize("header", ["JWT", "JWT a b", "JWT no.such.token", "Token nothing", "Token \xe4"])
def test_a_credential_that_is_none_is_401(anyone: APIClient, header: str, db: None) -> None:
    response = anyone.get(ACCOUNT, HTTP_AUTHORIZATION=header)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'JWT realm="api"'
    assert list(response.json()) == ["detail"]


def test_a_request_without_credentials_is_401(anyone: APIClient, db: None) -> None:
    response = anyone.get(ACCOUNT)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'JWT realm="api"'
    assert response.json() == {"detail": "Authentication credentials were not provided."}


def test_revoked_credentials_are_worth_nothing(anyone: APIClient, alice: Account) -> None:
    client = api_client(alice)

    revoke_credentials(user=alice)

    assert client.get(ACCOUNT).status_code == 401
