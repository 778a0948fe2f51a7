"""Changing a device's key over REST."""

import pytest
from django.test import Client

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.services.authentication import authenticate_upload_key
from server.apps.devices.services.keys import issue_upload_key

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def path_of(device: Device) -> str:
    return f"/api/v1/device/{device.slug}/key/"


def test_a_new_key_replaces_the_former_one(alice: Account, device: Device) -> None:
    former = issue_upload_key(device=device, by=None)

    answer = api_client(alice).post(path_of(device))

    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert authenticate_upload_key(former) is None
    assert authenticate_upload_key(answer.json()["key"]) == device


def test_a_new_key_comes_with_its_id(alice: Account, device: Device) -> None:
    answer = api_client(alice).post(path_of(device)).json()

    assert answer["key_id"] == str(DeviceKey.objects.get(device=device, revoked_on=None).pk)


def test_the_change_of_a_key_is_in_the_audit_trail_without_the_key(alice: Account, device: Device) -> None:
    key = api_client(alice).post(path_of(device)).json()["key"]

    change = Change.objects.get(event="change-device-key")
    assert (change.audited, change.ref, change.by_id) == (True, device.slug, alice.pk)
    assert key not in str(Change.objects.filter(pk=change.pk).values())


def test_a_member_who_may_not_change_devices_changes_no_key(acme: Org, device: Device) -> None:
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.OPERATOR)

    assert api_client(dora).post(path_of(device)).status_code == 403
    assert not DeviceKey.objects.exists()


def test_for_a_stranger_the_device_does_not_exist(charlie: Account, device: Device) -> None:
    assert api_client(charlie).post(path_of(device)).status_code == 404


def test_a_device_cannot_change_its_own_key(device: Device) -> None:
    key = issue_upload_key(device=device, by=None)

    answer = Client().post(path_of(device), headers={"Authorization": f"Device-Key {key}"})

    assert answer.status_code in {401, 403, 404}
    assert authenticate_upload_key(key) == device
