"""The health of a device: its state, how long it may be silent, and who is notified."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device
from server.apps.ingest.tests.sent import Carrier, rows, signed_list
from server.core.listening import Listening

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

FIELDS = {
    *("alert", "last_report_ts", "last_known_id", "last_known_state"),
    *("health_check_enabled", "health_check_period", "notification_recipients"),
}


@pytest.fixture
def member(bob: Account) -> APIClient:
    return api_client(bob)


def health_url(device: Device) -> str:
    return f"/api/v1/device/{device.slug}/health/"


@pytest.mark.parametrize("path", ["status", "health"])
def test_a_new_device_is_not_watched(member: APIClient, device: Device, path: str) -> None:
    answer = member.get(f"/api/v1/device/{device.slug}/{path}/")

    assert set(answer.data) == FIELDS
    assert (answer.data["alert"], answer.data["last_known_state"]) == ("DSBL", "UNK")
    assert (answer.data["last_report_ts"], answer.data["last_known_id"]) == (None, 0)
    assert (answer.data["health_check_period"], answer.data["notification_recipients"]) == (7200, [])


@pytest.mark.parametrize("known", ["OK", "FAIL"])
def test_after_an_outage_of_the_server_the_alert_stays_what_it_was(
    member: APIClient, device: Device, known: str
) -> None:
    now = timezone.now()
    Listening.objects.create(since=now - timedelta(minutes=5), seen_on=now)
    Device.objects.filter(pk=device.pk).update(
        health_check_enabled=True, last_report_on=now - timedelta(hours=9), last_known_state=known
    )

    assert member.get(health_url(device)).data["alert"] == known


@pytest.mark.parametrize(("silent_for", "alert"), [(None, "UNK"), (59, "OK"), (61, "FAIL")])
def test_the_alert_is_the_current_state(
    member: APIClient, device: Device, silent_for: int | None, alert: str
) -> None:
    heard = None if silent_for is None else timezone.now() - timedelta(seconds=silent_for)
    Device.objects.filter(pk=device.pk).update(last_report_on=heard)

    answer = member.patch(
        health_url(device), {"health_check_enabled": True, "health_check_period": 60}, format="json"
    )

    assert (answer.status_code, answer.data["alert"]) == (200, alert)


def test_the_highest_acknowledgement_is_the_last_known_id(
    member: APIClient, device: Device, bob: Account
) -> None:
    carrier = Carrier(device, bob)
    carrier.deliver(signed_list(device, rows(1, 2, 3)))
    carrier.deliver(signed_list(device, rows(7), index=1))

    assert member.get(health_url(device)).data["last_known_id"] == 7


def test_what_was_read_can_be_sent_back(member: APIClient, device: Device) -> None:
    read = member.get(health_url(device)).data
    recipients = ["email:x@example.com", "user:alice", "org:admin", "org:all"]

    answer = member.patch(health_url(device), {**read, "notification_recipients": recipients}, format="json")

    assert answer.data == {**read, "notification_recipients": recipients}


@pytest.mark.parametrize(
    "recipient",
    [
        "x@example.com",
        "email:",
        "email:x",
        "user:",
        "user:charlie",
        "org:",
        "org:owner",
        "staff:all",
        "",
        "a\0",
    ],
)
def test_a_recipient_that_nobody_is_is_refused(
    member: APIClient, device: Device, charlie: Account, recipient: str
) -> None:
    answer = member.patch(health_url(device), {"notification_recipients": [recipient]}, format="json")

    assert (answer.status_code, list(answer.data)) == (400, ["notification_recipients"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"health_check_period": 59}, "health_check_period"),
        ({"health_check_period": 31 * 86_400 + 1}, "health_check_period"),
        ({"health_check_period": 10**30}, "health_check_period"),
        ({"health_check_enabled": 5}, "health_check_enabled"),
        ({"notification_recipients": "org:all"}, "notification_recipients"),
        ({"notification_recipients": ["org:all"] * 51}, "notification_recipients"),
        ({"period": 60}, "period"),
    ],
)
def test_what_makes_no_sense_is_refused(
    member: APIClient, device: Device, body: dict[str, Any], field: str
) -> None:
    answer = member.patch(health_url(device), body, format="json")

    assert (answer.status_code, list(answer.data)) == (400, [field])


def test_watching_takes_the_right_to_change_the_device(device: Device, charlie: Account) -> None:
    stranger, staff = api_client(charlie), api_client(make_account(is_staff=True))

    assert stranger.get(health_url(device)).status_code == 404
    assert stranger.patch(health_url(device), {}, format="json").status_code == 404
    assert staff.patch(f"{health_url(device)}?staff=1", {}, format="json").status_code == 200


def test_there_is_no_log_of_filters_yet(member: APIClient, device: Device) -> None:
    answer = member.get(f"/api/v1/device/{device.slug}/filterlog/")

    assert answer.data == {"device_filter_logs": []}


@pytest.mark.parametrize("label", ["Pump\nYour account is locked", "Pump\r\n\r\nText", "a\u202eb", "a\x07b"])
def test_a_label_is_one_line(member: APIClient, device: Device, label: str) -> None:
    answer = member.patch(f"/api/v1/device/{device.slug}/", {"label": label}, format="json")

    assert (answer.status_code, list(answer.json())) == (400, ["label"])
