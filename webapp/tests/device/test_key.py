"""The key of a device on its page."""

import re

import pytest
from django.test import Client

from server.apps.accounts.models import Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.selectors.keys import report_keys_of
from server.apps.devices.services.authentication import authenticate_upload_key
from server.apps.devices.services.keys import issue_upload_key
from webapp.tests.conftest import signed_in

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def text_of(client: Client, device: Device) -> str:
    return " ".join(client.get(f"/device/{device.slug}/?tab=key").content.decode().split())


def test_a_new_key_is_shown_once(as_alice: Client, device: Device) -> None:
    answer = as_alice.post(f"/device/{device.slug}/key/")

    [key] = re.findall(r"fdk_[\w-]+", answer.content.decode())
    assert authenticate_upload_key(key) == device
    assert "no-store" in answer["Cache-Control"]
    assert key not in text_of(as_alice, device)


def test_the_page_says_when_a_key_ends(as_alice: Client, device: Device) -> None:
    issue_upload_key(device=device, by=None)

    text = text_of(as_alice, device)

    assert "The key ends when the device is unclaimed or moved to another organisation" in text
    assert "Replace the key" in text


def test_a_device_without_a_key_gets_one(as_alice: Client, device: Device) -> None:
    assert "Make a key" in text_of(as_alice, device)


def test_nobody_changes_a_key_without_the_permission(acme: Org, device: Device) -> None:
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.OPERATOR)

    assert signed_in(dora).post(f"/device/{device.slug}/key/").status_code == 403
    assert not DeviceKey.objects.exists()


def test_a_report_key_is_stored_and_not_shown(as_alice: Client, device: Device) -> None:
    root = "0f" * 32

    answer = as_alice.post(
        f"/device/{device.slug}/report-key/", {"kind": "RUK", "root_key": root}, follow=True
    )

    text = " ".join(answer.content.decode().split())
    assert "The report key is stored." in text
    assert "Report, user key" in text
    assert root not in text
    assert report_keys_of(device.pk).user == bytes.fromhex(root)


def test_what_is_no_report_key_is_said_at_its_field(as_alice: Client, device: Device) -> None:
    answer = as_alice.post(f"/device/{device.slug}/report-key/", {"kind": "RUK", "root_key": "beef"})

    assert answer.status_code == 400
    assert "A report root key has 64 hex digits." in answer.content.decode()
    assert "beef" not in answer.content.decode()
    assert not DeviceKey.objects.exists()


def test_nobody_stores_a_report_key_without_the_permission(acme: Org, device: Device) -> None:
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.OPERATOR)

    answer = signed_in(dora).post(
        f"/device/{device.slug}/report-key/", {"kind": "RUK", "root_key": "0f" * 32}
    )

    assert answer.status_code == 403
    assert not DeviceKey.objects.exists()
