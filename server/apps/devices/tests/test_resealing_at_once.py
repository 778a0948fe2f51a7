"""What changes while secrets are sealed again stays changed."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command

from server.apps.accounts.models import Account
from server.apps.devices.models import ConfigAttribute, ConfigName, Device
from server.apps.devices.services.configuration import set_config_attribute
from server.core import credentials
from server.core.tests.committed import committed, overlapping

__all__ = ["committed"]  # several connections

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def reseal() -> None:
    call_command("reseal", stdout=StringIO())


def test_configuration_that_changes_meanwhile_stays_changed(device: Device, alice: Account) -> None:
    name = ConfigName.objects.create(name=":x", created_by=alice)

    def configure(url: str) -> None:
        set_config_attribute(target=device.slug, org=device.org, name=name, data={"url": url}, by=alice)

    configure("https://one.example")

    overlapping(lambda: configure("https://two.example"), reseal)

    assert ConfigAttribute.objects.get().data == {"url": "https://two.example"}


def test_a_second_factor_that_changes_meanwhile_stays_changed(alice: Account) -> None:
    factor = Authenticator.objects.create(
        user=alice, type=Authenticator.Type.TOTP, data={"secret": credentials.seal(b"one").decode()}
    )

    def change() -> None:
        factor.data = {"secret": credentials.seal(b"two").decode()}
        factor.save()

    overlapping(change, reseal)

    factor.refresh_from_db()
    assert credentials.unseal(factor.data["secret"].encode()) == b"two"
