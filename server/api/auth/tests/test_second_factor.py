"""Signing in over REST to an account with a second factor, and resetting a password."""

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import bearer_of_jwt
from server.apps.accounts.services.signing import create_api_token
from server.apps.accounts.tests.clients import Answer
from server.apps.accounts.tests.factories import PASSWORD
from server.core.durable import durable_cache

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LOGIN = "/api/v1/auth/login/"
JWT_AUTH = "/api/v1/auth/api-jwt-auth/"
RESET = "/api/v1/auth/password/reset/"
PERIOD_S = 30


@pytest.fixture(autouse=True)
def no_tries_before(db: None) -> None:
    durable_cache.clear()


@pytest.fixture
def secret(alice: Account) -> str:
    """Of Alice's authenticator app."""
    secret = str(generate_totp_secret())
    TOTP.activate(alice, secret)
    return secret


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD_S)))


def login(password: str = PASSWORD, header: str | None = None, **body: str) -> Answer:
    headers = {"X-OTP": header} if header is not None else {}
    return APIClient().post(
        LOGIN, {"email": "alice@example.com", "password": password, **body}, format="json", headers=headers
    )


def jwt_auth(**body: str) -> Answer:
    return APIClient().post(JWT_AUTH, {"username": "alice", "password": PASSWORD, **body}, format="json")


def test_the_password_alone_is_not_enough(secret: str) -> None:
    response = login()

    assert response.status_code == 401
    assert response.json()["code"] == "otp-required"


def test_whoever_does_not_know_the_password_learns_nothing_of_a_second_factor(secret: str) -> None:
    response = login(password="not it", otp=code_of(secret))

    assert response.status_code == 401
    assert response.json() == "Wrong e-mail address or password."


def test_a_code_in_a_field_or_in_the_header_signs_in(secret: str, alice: Account) -> None:
    in_field = login(otp=code_of(secret))
    durable_cache.clear()
    in_header = login(header=code_of(secret))

    assert (in_field.status_code, in_header.status_code) == (200, 200)
    assert bearer_of_jwt(in_field.json()["jwt"])[0] == alice


def test_a_code_counts_once(secret: str) -> None:
    code = code_of(secret)

    statuses = [login(otp=code).status_code, login(otp=code).status_code, jwt_auth(otp=code).status_code]

    assert statuses == [200, 401, 400]


def test_a_wrong_code_is_distinguished_from_a_missing_one(secret: str) -> None:
    response = login(otp="000000x")

    assert response.status_code == 401
    assert response.json()["code"] == "otp-wrong"


def test_wrong_codes_count_as_tries(secret: str) -> None:
    statuses = [login(otp="000000x").status_code for _ in range(11)]

    assert statuses == [401] * 10 + [429]


def test_a_recovery_code_signs_in_once(secret: str, alice: Account) -> None:
    code = RecoveryCodes.activate(alice).generate_codes()[0]

    assert [login(otp=code).status_code, login(otp=code).status_code] == [200, 401]


def test_api_jwt_auth_asks_for_the_second_factor_too(secret: str) -> None:
    missing = jwt_auth()
    right = jwt_auth(otp=code_of(secret))

    assert missing.status_code == 400
    assert missing.json()["code"] == "otp-required"
    assert list(missing.json()) == ["non_field_errors", "code"]
    assert right.status_code == 200


def test_a_token_made_on_the_page_needs_no_second_factor(secret: str, alice: Account) -> None:
    token = create_api_token(user=alice, name="Laptop")

    response = APIClient().get("/api/v1/account/", HTTP_AUTHORIZATION=f"Token {token}")

    assert response.status_code == 200


def test_an_account_with_a_passkey_only_signs_in_by_a_recovery_code(alice: Account) -> None:
    Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data={})
    code = RecoveryCodes.activate(alice).generate_codes()[0]

    assert [login().status_code, login(otp=code).status_code] == [401, 200]


def test_weak_point_13_the_secret_of_an_app_is_sealed(secret: str) -> None:
    assert secret not in str(Authenticator.objects.get(type=Authenticator.Type.TOTP).data)


def test_weak_point_15_a_reset_does_not_reveal_whether_an_address_is_known(
    alice: Account, run_jobs: Callable[[], int]
) -> None:
    answers = [
        APIClient().post(RESET, {"email": email}, format="json")
        for email in ("alice@example.com", "nobody@example.com")
    ]
    run_jobs()

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert [message.to for message in mail.outbox] == [["alice@example.com"], ["nobody@example.com"]]


def test_a_reset_waits_for_no_mail_server(alice: Account, run_jobs: Callable[[], int]) -> None:
    APIClient().post(RESET, {"email": "alice@example.com"}, format="json")

    assert mail.outbox == []
    assert run_jobs() == 1


def test_the_link_of_a_reset_leads_to_a_new_password(alice: Account, run_jobs: Callable[[], int]) -> None:
    APIClient().post(RESET, {"email": "alice@example.com"}, format="json")
    run_jobs()
    link = re.search(r"https?://\S+(/account/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link is not None

    browser = Client()
    form = browser.get(link[1], follow=True)
    new = {"password1": "quite another horse", "password2": "quite another horse"}
    browser.post(form.request["PATH_INFO"], new)

    assert login(password="quite another horse").status_code == 200


@pytest.mark.parametrize("body", [{}, {"email": "nonsense"}, {"email": "a@example.com", "more": 1}])
def test_a_reset_of_no_address_is_400(db: None, body: dict[str, object]) -> None:
    assert APIClient().post(RESET, body, format="json").status_code == 400


def test_resets_are_limited_for_a_person_and_for_an_address(alice: Account) -> None:
    one = [
        APIClient().post(RESET, {"email": "alice@example.com"}, format="json").status_code for _ in range(6)
    ]
    many = [
        APIClient().post(RESET, {"email": f"person{number}@example.com"}, format="json").status_code
        for number in range(15)
    ]

    assert one == [200] * 5 + [429]
    assert many == [200] * 14 + [429]
