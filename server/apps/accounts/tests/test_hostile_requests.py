"""Requests that no client of ours sends get a response that is no server error."""

import jwt
import pytest
from django.test import Client

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import bearer_of_jwt, jwt_key
from server.apps.accounts.services.signing import issue_jwt

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.mark.parametrize(
    "key", [r'"\000' + "a" * 31 + '"', r'"\377\376' + "a" * 30 + '"', "é" * 32, "a" * 5000, "", "-" * 32]
)
@pytest.mark.parametrize(("path", "status"), [("/api/v1/account/", 401), ("/account/login/", 200)])
def test_a_session_cookie_that_is_no_key_of_ours_is_no_session(key: str, path: str, status: int) -> None:
    answer = Client(headers={"Cookie": f"fieldline_session={key}"}).get(path)

    assert answer.status_code == status


def test_a_session_of_ours_is_still_one(alice: Account) -> None:
    client = Client()
    client.force_login(alice)

    assert client.get("/api/v1/account/").status_code == 200


@pytest.mark.parametrize("signed_in_on", [10**18, -(10**18), 10**400, "soon", None, [1]])
def test_a_token_with_a_sign_in_that_no_clock_shows_is_not_valid(
    alice: Account, signed_in_on: object
) -> None:
    claims = jwt.decode(issue_jwt(user=alice), jwt_key(), algorithms=["HS256"])
    token = jwt.encode({**claims, "orig_iat": signed_in_on}, jwt_key(), algorithm="HS256")

    assert bearer_of_jwt(token) == (None, None)


def test_the_documentation_answers_options_without_a_template() -> None:
    answer = Client().options("/api/docs/")

    assert answer.status_code == 405


@pytest.mark.parametrize("version", ["\0", "1\r\nX-Injected: 1", '"', "é", "1" * 3000])
def test_the_schema_puts_no_requested_version_into_a_header(version: str) -> None:
    plain = Client().get("/api/schema/")

    answer = Client().get("/api/schema/", {"version": version})

    assert answer.status_code == 200
    assert answer["Content-Disposition"] == plain["Content-Disposition"]
