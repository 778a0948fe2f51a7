"""Whoever guesses passwords or codes is stopped, whatever else the request says; others are not."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from server.api.auth.tests.test_second_factor import code_of
from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import revoke_credentials
from server.apps.accounts.tests.clients import Answer
from server.apps.accounts.tests.factories import PASSWORD
from server.core import limits
from server.core.durable import DurableEntry, durable_cache

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LOGIN = "/api/v1/auth/login/"
JWT_AUTH = "/api/v1/auth/api-jwt-auth/"
HOME, STRANGE = "192.0.2.1", "203.0.113.9"


@pytest.fixture
def secret(alice: Account) -> str:
    """Of Alice's authenticator app."""
    secret = str(generate_totp_secret())
    TOTP.activate(alice, secret)
    return secret


@pytest.fixture
def low_limits(settings: Settings) -> None:
    rates = {**configured.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "sign-in-login": "5/hour"}
    settings.REST_FRAMEWORK = {**configured.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}


def login(password: str = "not it", address: str = HOME, **more: str) -> Answer:
    body = {"email": "alice@example.com", "password": password, **more}
    return APIClient().post(LOGIN, body, format="json", REMOTE_ADDR=address)


def jwt_auth(password: str = "not it", address: str = HOME, username: str = "alice", **more: str) -> Answer:
    body = {"username": username, "password": password, **more}
    return APIClient().post(JWT_AUTH, body, format="json", REMOTE_ADDR=address)


def on_the_page(password: str = "not it", address: str = HOME) -> str:
    body = {"login": "alice@example.com", "password": password}
    return Client(REMOTE_ADDR=address).post(reverse("account_login"), body).content.decode()


def code_on_the_page(browser: Client, code: str) -> str:
    return browser.post(reverse("mfa_authenticate"), {"code": code}).content.decode()


def browser_after_the_password() -> Client:
    browser = Client(REMOTE_ADDR=HOME)
    browser.post(reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD})
    return browser


def test_a_field_that_the_view_does_not_read_makes_no_other_login(alice: Account) -> None:
    statuses = [jwt_auth(email=f"{number}@example.com").status_code for number in range(21)]

    assert statuses == [400] * 20 + [429]


def test_the_address_and_the_user_name_are_one_account(alice: Account) -> None:
    tries: list[Callable[[], Answer]] = [login, jwt_auth, lambda: login(email="ALICE@example.com")]

    statuses = [tries[number % 3]().status_code for number in range(21)]

    assert statuses[-1] == 429
    assert 429 not in statuses[:20]


def test_four_hundred_entries_of_others_between_two_tries_change_nothing(alice: Account) -> None:
    before = [login().status_code for _ in range(20)]
    for number in range(400):
        limits.count("sign-in", f"nobody {number}")

    assert before == [401] * 20
    assert login().status_code == 429


def test_pages_and_api_count_together(alice: Account) -> None:
    for _ in range(10):
        login()
        on_the_page()

    assert "Too many failed login attempts" in on_the_page(PASSWORD)
    assert jwt_auth(PASSWORD).status_code == 429


@pytest.mark.parametrize(
    "addresses",
    [
        [f"198.51.100.8:{port}" for port in range(40000, 40021)],
        [f"2001:db8:1:2::{number:x}" for number in range(21)],
        [f"[2001:db8:1:2::{number:x}]:{number}" for number in range(21)],
        ["unknown"] * 21,
    ],
    ids=["ports", "one /64", "one /64 with ports", "unknown"],
)
def test_one_sender_is_one_address_behind_any_proxy(
    alice: Account, settings: Settings, addresses: list[str]
) -> None:
    settings.REST_FRAMEWORK = {**configured.REST_FRAMEWORK, "NUM_PROXIES": 1}
    body = {"email": "alice@example.com", "password": "not it"}

    statuses = [
        APIClient().post(LOGIN, body, format="json", headers={"X-Forwarded-For": address}).status_code
        for address in addresses
    ]

    assert statuses == [401] * 20 + [429]


def test_the_counters_of_allauths_own_forms_are_durable(alice: Account) -> None:
    before = DurableEntry.objects.count()

    Client().post(reverse("account_reset_password"), {"email": "alice@example.com"})

    assert DurableEntry.objects.count() > before


@pytest.mark.parametrize("forwarded", ["unknown", "198.51.100.8:40000", "", "nonsense, [::1"])
def test_the_sign_in_page_answers_whatever_a_proxy_writes(
    alice: Account, settings: Settings, forwarded: str
) -> None:
    settings.REST_FRAMEWORK = {**configured.REST_FRAMEWORK, "NUM_PROXIES": 1}
    headers = {"X-Forwarded-For": forwarded}

    form = Client(headers=headers).get(reverse("account_login"))
    answer = Client(headers=headers).post(
        reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD}
    )

    assert (form.status_code, answer.status_code) == (200, 302)


def test_wrong_codes_are_counted_by_account_wherever_they_come_from(secret: str) -> None:
    answers = [login(PASSWORD, address=f"203.0.113.{number}", otp="000000") for number in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert login(PASSWORD, address=STRANGE, otp=code_of(secret)).status_code == 429


def test_wrong_codes_of_pages_and_api_count_together(secret: str) -> None:
    browser = browser_after_the_password()
    for _ in range(5):
        login(PASSWORD, otp="000000")
        code_on_the_page(browser, "000000")

    assert "Too many failed login attempts" in code_on_the_page(browser, code_of(secret))
    assert jwt_auth(PASSWORD, otp=code_of(secret)).status_code == 429


def test_right_codes_and_missing_ones_are_no_failures(secret: str) -> None:
    for _ in range(12):
        login(PASSWORD, address=STRANGE)

    assert login(PASSWORD, otp=code_of(secret)).status_code == 200


def test_a_code_that_signed_in_on_a_page_is_used_up_for_the_api(secret: str) -> None:
    code = code_of(secret)
    code_on_the_page(browser_after_the_password(), code)

    answer = login(PASSWORD, otp=code)

    assert answer.json()["code"] == "otp-wrong"


def test_a_used_code_stays_used_as_long_as_it_is_valid(secret: str) -> None:
    """allauth itself remembers it for thirty of the ninety seconds."""
    code = code_of(secret)
    login(PASSWORD, otp=code)
    durable_cache.delete(f"allauth.mfa.totp.used?user={Account.objects.get().pk}&code={code}")

    assert login(PASSWORD, otp=code).status_code == 401


def test_failures_of_strangers_do_not_lock_out_an_address_that_is_known(
    alice: Account, low_limits: None
) -> None:
    login(PASSWORD)
    from_elsewhere = [login(address=f"203.0.113.{number}").status_code for number in range(6)]

    assert from_elsewhere == [401] * 5 + [429]
    assert login(PASSWORD).status_code == 200
    assert re.search("Too many failed", on_the_page(PASSWORD)) is None
    assert login(PASSWORD, address=STRANGE).status_code == 429


def test_a_page_makes_an_address_known_too(alice: Account, low_limits: None) -> None:
    on_the_page(PASSWORD)
    for number in range(6):
        login(address=f"203.0.113.{number}")

    assert login(PASSWORD).status_code == 200


def test_a_known_address_has_a_limit_of_its_own(alice: Account, low_limits: None) -> None:
    login(PASSWORD)

    assert [login().status_code for _ in range(6)] == [401] * 5 + [429]


def test_a_password_without_its_code_makes_no_address_known(secret: str, low_limits: None) -> None:
    login(PASSWORD)
    for number in range(6):
        login(address=f"203.0.113.{number}")

    assert login().status_code == 429


def test_no_address_stays_known_with_a_new_password(alice: Account, low_limits: None) -> None:
    login(PASSWORD)
    revoke_credentials(user=alice)
    for number in range(6):
        login(address=f"203.0.113.{number}")

    assert login(PASSWORD).status_code == 429
