"""Wrong second factors on pages: each is a security event, and counts for the account."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.tests.factories import PASSWORD
from server.apps.activity.models import SecurityEvent
from server.core.durable import durable_cache
from webapp.tests.conftest import signed_in
from webapp.tests.profile.test_security import code_of

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

LOGIN: Final = "/api/v1/auth/login/"
TOO_MANY: Final = 11  # one more than the limit of wrong codes


@pytest.fixture(autouse=True)
def no_tries_before(db: None) -> None:
    durable_cache.clear()


@pytest.fixture
def secret(alice: Account) -> str:
    """Of Alice's app; she has recovery codes, too."""
    made = str(generate_totp_secret())
    TOTP.activate(alice, made)
    RecoveryCodes.activate(alice)
    return made


def asked_for_a_factor() -> Client:
    browser = Client()
    browser.post(reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD})
    return browser


def client_data(kind: str) -> bytes:
    return json.dumps({"type": kind, "challenge": "AAAA", "origin": "https://testserver"}).encode()


def passkey_of(account: Account) -> str:
    """An answer of a passkey that is none of this account's."""
    handle = websafe_encode(user_pk_to_url_str(account).encode())
    response: dict[str, Any] = {
        "clientDataJSON": websafe_encode(client_data("webauthn.get")),
        "authenticatorData": websafe_encode(bytes(37)),
        "signature": websafe_encode(b"no signature"),
        "userHandle": handle,
    }
    raw = websafe_encode(b"no passkey")
    return json.dumps({"id": raw, "rawId": raw, "type": "public-key", "response": response})


def wrong_code(browser: Client, account: Account) -> None:
    browser.post(reverse("mfa_authenticate"), {"code": "000000x"})


def wrong_passkey(browser: Client, account: Account) -> None:
    browser.get(reverse("mfa_authenticate"))  # begins the ceremony
    browser.post(reverse("mfa_authenticate"), {"credential": passkey_of(account)})


def wrong_code_again(browser: Client, account: Account) -> None:
    browser.post(reverse("mfa_reauthenticate"), {"code": "000000x"})


def wrong_passkey_again(browser: Client, account: Account) -> None:
    browser.get(reverse("mfa_reauthenticate_webauthn"))
    browser.post(reverse("mfa_reauthenticate_webauthn"), {"credential": passkey_of(account)})


Attempt = Callable[[Client, Account], None]
WHILE_SIGNING_IN: Final = [wrong_code, wrong_passkey]
WHILE_SIGNED_IN: Final = [wrong_code_again, wrong_passkey_again]


def refused(account: Account, kind: str = "second-factor") -> int:
    return SecurityEvent.objects.filter(account_id=account.pk, kind=kind, result="refused").count()


@pytest.mark.parametrize("attempt", WHILE_SIGNING_IN)
def test_a_wrong_factor_at_the_sign_in_is_recorded(alice: Account, secret: str, attempt: Attempt) -> None:
    attempt(asked_for_a_factor(), alice)

    assert refused(alice) == 1


@pytest.mark.parametrize("attempt", WHILE_SIGNED_IN)
def test_a_wrong_factor_of_who_is_signed_in_is_recorded(
    alice: Account, secret: str, attempt: Attempt
) -> None:
    add_passkey(alice)

    attempt(signed_in(alice), alice)

    assert refused(alice) == 1


def add_passkey(account: Account) -> None:
    public_key = ES256({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})
    key = AttestedCredentialData.create(Aaguid.NONE, b"a passkey", public_key)
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP
    seen = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, key)
    response = {
        "clientDataJSON": websafe_encode(client_data("webauthn.create")),
        "attestationObject": websafe_encode(AttestationObject.create("none", seen, {})),
    }
    raw = websafe_encode(b"a passkey")
    credential = {"id": raw, "rawId": raw, "type": "public-key", "response": response}
    data = {"name": "Phone", "credential": credential}
    Authenticator.objects.create(user=account, type=Authenticator.Type.WEBAUTHN, data=data)


def test_a_code_that_was_used_is_recorded(alice: Account, secret: str) -> None:
    for _ in range(2):
        asked_for_a_factor().post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    assert refused(alice) == 1


def test_a_code_that_was_used_is_recorded_by_the_api(alice: Account, secret: str) -> None:
    body = {"email": alice.email, "password": PASSWORD, "otp": code_of(secret)}
    for _ in range(2):
        APIClient().post(LOGIN, body, format="json")

    assert refused(alice) == 1


@pytest.mark.parametrize("attempt", WHILE_SIGNING_IN)
def test_wrong_factors_count_for_the_account_wherever_they_come_from(
    alice: Account, secret: str, attempt: Attempt
) -> None:
    for _ in range(TOO_MANY):
        attempt(asked_for_a_factor(), alice)

    body = {"email": alice.email, "password": PASSWORD, "otp": code_of(secret)}
    elsewhere = APIClient(REMOTE_ADDR="198.51.100.8").post(LOGIN, body, format="json")

    assert elsewhere.status_code == 429
    assert refused(alice) == TOO_MANY - 1


def test_a_wrong_passkey_in_place_of_a_password_is_a_refused_sign_in(alice: Account, client: Client) -> None:
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})

    client.post(reverse("mfa_login_webauthn"), {"credential": passkey_of(alice)})

    assert refused(alice, "sign-in") == 1


@pytest.mark.parametrize("credential", ["{}", '{"response": 5}', "[]", "5", "no JSON"])
def test_what_is_no_passkey_signs_nobody_in(client: Client, credential: str, db: None) -> None:
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": credential})

    assert answer.status_code == 302
