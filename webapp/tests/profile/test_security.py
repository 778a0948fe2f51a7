"""Second factors and tokens of the user's account."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.services.authentication import authenticate_api_token
from server.apps.accounts.services.signing import create_api_token
from server.apps.accounts.tests.factories import PASSWORD
from server.core.durable import durable_cache

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SECURITY = "/profile/security/"
PERIOD_S = 30


@pytest.fixture(autouse=True)
def no_tries_before(db: None) -> None:
    durable_cache.clear()


@pytest.fixture
def reauthenticated(alice: Account, client: Client) -> Client:
    """Alice, who has just reauthenticated."""
    client.post(reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD_S)))


def set_up_app(client: Client) -> str:
    """Returns the secret of the app."""
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'class="secret">(\w+)<', page)
    assert found is not None
    client.post(reverse("mfa_activate_totp"), {"code": code_of(found[1])})
    durable_cache.clear()  # the code that was just used
    return found[1]


def test_an_app_is_set_up_and_gives_recovery_codes(reauthenticated: Client, alice: Account) -> None:
    set_up_app(reauthenticated)

    assert "10 unused" in reauthenticated.get(SECURITY).content.decode()
    kinds = Authenticator.objects.filter(user=alice).values_list("type", flat=True)
    assert sorted(kinds) == ["recovery_codes", "totp"]


def test_a_wrong_code_sets_up_nothing(reauthenticated: Client, alice: Account) -> None:
    reauthenticated.get(reverse("mfa_activate_totp"))

    answer = reauthenticated.post(reverse("mfa_activate_totp"), {"code": "x"})

    assert "Incorrect code" in answer.content.decode()
    assert not Authenticator.objects.filter(user=alice).exists()


def test_signing_in_asks_for_the_code(reauthenticated: Client) -> None:
    secret = set_up_app(reauthenticated)
    browser = Client()

    asked = browser.post(
        reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD}, follow=True
    )
    before = browser.get("/")
    wrong = browser.post(reverse("mfa_authenticate"), {"code": "000000x"})
    browser.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    assert "One more step" in asked.content.decode()
    assert before.status_code == 302
    assert "Incorrect code" in wrong.content.decode()
    assert browser.get("/").status_code == 200


def test_a_recovery_code_signs_in(reauthenticated: Client) -> None:
    set_up_app(reauthenticated)
    page = reauthenticated.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r"<code>(\d+)</code>", page)
    browser = Client()
    browser.post(reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD})

    browser.post(reverse("mfa_authenticate"), {"code": codes[0]})

    assert len(codes) == 10
    assert "9 unused" in browser.get(SECURITY).content.decode()


def test_recovery_codes_are_created_again_and_downloaded(reauthenticated: Client) -> None:
    set_up_app(reauthenticated)
    old = reauthenticated.get(reverse("mfa_download_recovery_codes")).content.decode()

    reauthenticated.post(reverse("mfa_generate_recovery_codes"))
    new = reauthenticated.get(reverse("mfa_download_recovery_codes")).content.decode()

    assert old.split() != new.split()


def test_the_app_is_turned_off(reauthenticated: Client, alice: Account) -> None:
    set_up_app(reauthenticated)

    reauthenticated.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.filter(user=alice).exists()


def test_second_factors_are_for_who_shows_again_who_they_are(as_alice: Client) -> None:
    answer = as_alice.get(reverse("mfa_activate_totp"), follow=True)

    assert "Is it still you?" in answer.content.decode()


@pytest.mark.parametrize(
    "name",
    ["mfa_activate_totp", "mfa_add_webauthn", "account_email", "socialaccount_connections", "token-add"],
)
def test_the_pages_of_the_account_are_in_our_dress(reauthenticated: Client, name: str) -> None:
    html = reauthenticated.get(reverse(name)).content.decode()

    assert "css/fieldline.css" in html
    assert 'class="crumbs"' in html


@pytest.mark.parametrize(
    "name", ["mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"]
)
def test_the_pages_of_a_second_factor_are_in_our_dress(reauthenticated: Client, name: str) -> None:
    set_up_app(reauthenticated)

    assert 'class="crumbs"' in reauthenticated.get(reverse(name)).content.decode()


def test_a_passkey_is_renamed_and_removed(reauthenticated: Client, alice: Account) -> None:
    data = {"name": "Phone", "credential": {}}
    key = Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data=data)
    listed = reauthenticated.get(SECURITY).content.decode()

    reauthenticated.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Old phone"})
    renamed = reauthenticated.get(SECURITY).content.decode()
    reauthenticated.post(reverse("mfa_remove_webauthn", args=[key.pk]))

    assert "Phone" in listed
    assert "Old phone" in renamed
    assert not Authenticator.objects.filter(user=alice).exists()


def test_signing_in_by_passkey_asks_the_browser_for_any_of_this_site(client: Client) -> None:
    answer = client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})

    assert answer.json()["request_options"]["publicKey"]["rpId"] == "testserver"


def make_token(client: Client, name: str = "Laptop") -> str:
    page = client.post(reverse("token-add"), {"name": name}).content.decode()
    found = re.search(r'class="secret"[^>]*>(\w+)<', page)
    assert found is not None
    return found[1]


def test_a_token_is_shown_once_and_works(reauthenticated: Client, alice: Account) -> None:
    token = make_token(reauthenticated)
    listed = reauthenticated.get(SECURITY).content.decode()

    assert authenticate_api_token(token) == alice
    assert "Laptop" in listed
    assert token not in listed


def test_a_token_that_is_revoked_works_no_more(reauthenticated: Client, alice: Account) -> None:
    token = make_token(reauthenticated)
    made = alice.api_tokens.get(name="Laptop")

    reauthenticated.post(reverse("token-revoke", args=[made.pk]))

    assert APIClient().get("/api/v1/account/", HTTP_AUTHORIZATION=f"Token {token}").status_code == 401
    assert 'Revoke<span class="visually-hidden"> Laptop' not in reauthenticated.get(SECURITY).content.decode()


def test_a_token_of_somebody_else_cannot_be_revoked(reauthenticated: Client, bob: Account) -> None:
    token = create_api_token(user=bob, name="Gateway")

    answer = reauthenticated.post(reverse("token-revoke", args=[bob.api_tokens.get().pk]))

    assert answer.status_code == 404
    assert authenticate_api_token(token) == bob


def test_a_token_is_made_only_by_who_shows_again_who_they_are(as_alice: Client, alice: Account) -> None:
    as_alice.post(reverse("token-add"), {"name": "Laptop"})

    assert not alice.api_tokens.exists()


def test_a_token_needs_a_name(reauthenticated: Client) -> None:
    assert reauthenticated.post(reverse("token-add"), {"name": ""}).status_code == 400


def test_all_tokens_end_and_the_browser_stays(reauthenticated: Client) -> None:
    token = make_token(reauthenticated)

    reauthenticated.post(reverse("tokens-end"))

    assert authenticate_api_token(token) is None
    assert reauthenticated.get(SECURITY).status_code == 200


def test_a_password_changed_on_the_page_leaves_this_browser_signed_in(reauthenticated: Client) -> None:
    new = {"oldpassword": PASSWORD, "password1": "quite another horse", "password2": "quite another horse"}

    reauthenticated.post(reverse("account_change_password"), new)

    assert reauthenticated.get(SECURITY).status_code == 200


def test_an_app_can_be_turned_off_only_by_its_owner(reauthenticated: Client, bob: Account) -> None:
    TOTP.activate(bob, generate_totp_secret())

    reauthenticated.post(reverse("mfa_deactivate_totp"))

    assert Authenticator.objects.filter(user=bob).exists()
