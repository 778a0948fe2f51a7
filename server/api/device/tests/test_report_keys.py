"""Root keys of signed and encrypted reports: stored by request, by table and by command, and never
shown."""

import io
import sys
from typing import Any, Final

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.models import Change
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.selectors.keys import report_keys_of
from server.apps.devices.tests.factories import make_device

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

ROOT: Final = "0F1e2d3c4b5a69788796a5b4c3d2e1f0" * 2
CREATE: Final = "/api/v1/device/bulk/create/?staff=1"


def path_of(device: Device) -> str:
    return f"/api/v1/device/{device.slug}/report-key/"


def store(user: Account, device: Device, **more: Any) -> Any:
    return api_client(user).post(path_of(device), {"kind": "user", "root_key": ROOT, **more}, format="json")


def test_a_key_is_stored_and_not_shown(alice: Account, device: Device) -> None:
    answer = store(alice, device)

    assert answer.status_code == 201, answer.content
    assert [(row["kind"], row["created_by"]) for row in answer.json()] == [("user", "alice")]
    assert api_client(alice).get(path_of(device)).json() == answer.json()
    assert ROOT.lower() not in answer.content.decode().lower()
    assert report_keys_of(device.pk).user == bytes.fromhex(ROOT)


def test_each_kind_has_one_key(alice: Account, device: Device) -> None:
    store(alice, device, root_key="00" * 32)
    store(alice, device)
    store(alice, device, kind="device", root_key="11" * 32)

    keys = report_keys_of(device.pk)
    assert (keys.user, keys.device) == (bytes.fromhex(ROOT), bytes.fromhex("11" * 32))
    assert len(api_client(alice).get(path_of(device)).json()) == 2


def test_it_is_in_the_audit_trail_without_the_key(alice: Account, device: Device) -> None:
    store(alice, device)

    change = Change.objects.get(event="store-report-key")
    assert (change.audited, change.by_id, change.details) == (True, alice.pk, {"kind": "Report, user key"})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"root_key": "0f" * 31}, "root_key"),
        ({"root_key": "x" * 64}, "root_key"),
        ({"root_key": "\uff10" * 64}, "root_key"),
        ({"root_key": ""}, "root_key"),
        ({"root_key": 5}, "root_key"),
        ({"kind": "claim"}, "kind"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_what_is_no_key_is_named(alice: Account, device: Device, body: dict[str, Any], field: str) -> None:
    answer = store(alice, device, **body)

    assert (answer.status_code, [*answer.json()]) == (400, [field])
    assert not DeviceKey.objects.exists()


def test_nobody_stores_a_key_without_the_permission(acme: Org, charlie: Account, device: Device) -> None:
    operator = make_account()
    add_member(org=acme, user=operator, role=Role.OPERATOR)

    assert store(operator, device).status_code == 403
    assert api_client(operator).get(path_of(device)).status_code == 403
    assert store(charlie, device).status_code == 404
    assert not DeviceKey.objects.exists()


def table(client: APIClient, text: str) -> Any:
    return client.generic("POST", CREATE, text, content_type="text/csv")


@pytest.fixture
def staff(db: None) -> APIClient:
    return api_client(make_account(is_staff=True))


def test_devices_are_created_with_their_numbers_and_report_keys(staff: APIClient) -> None:
    answer = table(
        staff, f"slug,report_key,label\nd--0000-0000-0000-1237,{ROOT},Cellar\n,,Attic\nd--1238,,\n"
    )

    shown = answer.json()["results"]
    assert answer.json()["ok"] == 3, shown
    assert (shown[0]["slug"], shown[2]["slug"]) == ("d--0000-0000-0000-1237", "d--0000-0000-0000-1238")
    assert report_keys_of(0x1237).user == bytes.fromhex(ROOT)
    assert Device.objects.get(pk=0x1237).label == "Cellar"
    assert ROOT not in answer.content.decode()


def test_a_number_that_is_taken_fails_alone(staff: APIClient) -> None:
    taken = make_device()

    answer = table(
        staff, f"slug,report_key\n{taken.slug},\nnonsense,\nd--1237,beef\nd--1238,\nd--1238,\n"
    ).json()

    assert [row["status"] for row in answer["results"]] == ["failed", "failed", "failed", "created", "failed"]
    assert not Device.objects.filter(pk=0x1237).exists()
    assert "64 hex digits" in answer["results"][2]["error"]


def command(monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    printed = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    call_command("store-report-keys", stdout=printed)
    return printed.getvalue()


def test_the_command_stores_the_keys_of_a_table(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_device()

    printed = command(
        monkeypatch, f"slug;root_key;kind\n{device.slug};{ROOT};\n{other.slug};{'11' * 32};device\n"
    )

    assert printed == "2 report keys are stored.\n"
    assert report_keys_of(device.pk).user == bytes.fromhex(ROOT)
    assert report_keys_of(other.pk).device == bytes.fromhex("11" * 32)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"d--00ff-ffff;{ROOT};user", "Row 2: There is no such device."),
        ("{slug};beef;user", "Row 2: A report root key has 64 hex digits."),
        (f"{{slug}};{ROOT};both", "Row 2: A kind is user or device."),
    ],
)
def test_the_command_stores_all_keys_or_none(
    device: Device, monkeypatch: pytest.MonkeyPatch, line: str, words: str
) -> None:
    rows = f"slug;root_key;kind\n{device.slug};{ROOT};user\n{line.format(slug=device.slug)}\n"

    with pytest.raises(CommandError) as refusal:
        command(monkeypatch, rows)

    assert str(refusal.value) == f"{words} Nothing is stored."
    assert not DeviceKey.objects.filter(kind=DeviceKey.Kind.REPORT_USER).exists()
