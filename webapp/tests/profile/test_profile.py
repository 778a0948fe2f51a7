"""The user's own name and time zone."""

import pytest
from django.test import Client

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from webapp.tests.stored import store

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def test_name_and_time_zone_are_saved(as_alice: Client, alice: Account) -> None:
    answer = as_alice.post("/profile/", {"name": "Alice Winter", "time_zone": "Asia/Kathmandu"}, follow=True)

    alice.refresh_from_db()
    assert (alice.name, alice.time_zone) == ("Alice Winter", "Asia/Kathmandu")
    assert "Your profile is saved." in answer.content.decode()


def test_a_time_zone_that_is_none_is_refused(as_alice: Client, alice: Account) -> None:
    answer = as_alice.post("/profile/", {"name": "Alice", "time_zone": "Mars/Olympus"})

    alice.refresh_from_db()
    assert answer.status_code == 400
    assert alice.time_zone == "UTC"


def test_a_stored_time_zone_that_this_machine_does_not_have_is_utc(
    as_alice: Client, alice: Account, device: Device
) -> None:
    Account.objects.filter(pk=alice.pk).update(time_zone="Mars/Olympus")
    store(device, alice, [1])

    assert " UTC" in as_alice.get(f"/device/{device.slug}/").content.decode()


def test_the_api_stays_in_utc(as_alice: Client, alice: Account, device: Device) -> None:
    Account.objects.filter(pk=alice.pk).update(time_zone="Asia/Kathmandu")
    store(device, alice, [1])

    assert "+05:45" not in as_alice.get(f"/api/v1/device/{device.slug}/").content.decode()
