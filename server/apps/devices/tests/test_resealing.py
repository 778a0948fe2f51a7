"""Use case: an operator changes SEAL_KEY."""

from collections.abc import Callable
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.apps.devices.models import ConfigAttribute, ConfigName, Device, DeviceKey
from server.apps.devices.selectors.keys import report_keys_of
from server.apps.devices.services.keys import issue_upload_key, set_report_key
from server.core import credentials
from server.core.rest.models import IdempotentAnswer
from server.core.sealed_documents import seal_document, unseal_document

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

ROOT = bytes(range(32))


@pytest.fixture
def change_key(settings: Settings) -> Callable[[], None]:
    def change() -> None:
        settings.SEAL_KEY_FALLBACKS = [settings.SEAL_KEY]
        settings.SEAL_KEY = Fernet.generate_key().decode()
        call_command("reseal", stdout=StringIO())
        settings.SEAL_KEY_FALLBACKS = []

    return change


def test_the_key_of_reports_is_sealed_again(device: Device, change_key: Callable[[], None]) -> None:
    set_report_key(device=device, kind=DeviceKey.Kind.REPORT_USER, root_key=ROOT, by=None)

    change_key()

    assert report_keys_of(device.pk).user == ROOT


def test_secrets_in_configuration_are_sealed_again(device: Device, change_key: Callable[[], None]) -> None:
    document = {"api_url": "https://example.com", "nested": [{"api_key": "hidden"}]}
    name = ConfigName.objects.create(name=":test")
    ConfigAttribute.objects.create(
        target=device.slug, name=name, org=device.org, data=seal_document(document)
    )

    change_key()

    assert unseal_document(ConfigAttribute.objects.get().data) == document


def test_second_factors_are_sealed_again(alice: Account, change_key: Callable[[], None]) -> None:
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    codes = RecoveryCodes.activate(alice).get_unused_codes()

    change_key()

    totp, recovery = (
        Authenticator.objects.get(user=alice, type=each)
        for each in (Authenticator.Type.TOTP, "recovery_codes")
    )
    assert credentials.unseal(totp.data["secret"].encode()).decode() == secret
    assert recovery.wrap().get_unused_codes() == codes


def test_answers_kept_for_repetitions_are_sealed_again(db: None, change_key: Callable[[], None]) -> None:
    IdempotentAnswer.objects.create(scope="a", request_digest="b", body=credentials.seal(b"answer"))

    change_key()

    assert credentials.unseal(bytes(IdempotentAnswer.objects.get().body)) == b"answer"


def test_keys_that_are_only_compared_stay_as_they_are(device: Device, change_key: Callable[[], None]) -> None:
    issue_upload_key(device=device, by=None)
    before = DeviceKey.objects.values().get()

    change_key()

    assert DeviceKey.objects.values().get() == before


def test_what_an_unknown_key_sealed_is_counted_and_stays(device: Device, settings: Settings) -> None:
    set_report_key(device=device, kind=DeviceKey.Kind.REPORT_USER, root_key=ROOT, by=None)
    before = bytes(DeviceKey.objects.get().sealed)
    settings.SEAL_KEY = Fernet.generate_key().decode()

    with pytest.raises(CommandError, match="1 rows could not be opened"):
        call_command("reseal", stdout=StringIO())

    assert bytes(DeviceKey.objects.get().sealed) == before
