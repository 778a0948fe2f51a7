"""Repairs over the API."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_org
from server.apps.devices.models import Device
from server.apps.lifecycle.models import Repair
from server.apps.streams.tests.lifecycle import RunJobs, post, state_of
from server.apps.streams.tests.recounted import everything_stored
from server.apps.streams.tests.written import NOON, Sender, row, rows_in

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

FORWARD: dict[str, Any] = {
    "kind": "adjust-forward",
    "arguments": {"base_ts": (NOON + timedelta(days=1)).isoformat(), "first_id": 2, "last_id": 4},
}


@pytest.fixture
def owner(alice: Account) -> APIClient:
    return api_client(alice)


@pytest.fixture
def stored(device: Device) -> Device:
    Sender(device).send(*[row(n, at=n, value=n) for n in range(1, 6)])
    return device


def plan(client: APIClient, device: Device, body: dict[str, Any] = FORWARD) -> Response:
    return post(client, f"device/{device.slug}/repair/", body)


def test_planned_applied_and_undone(owner: APIClient, stored: Device, run_jobs: RunJobs) -> None:
    before = everything_stored()
    planned = plan(owner, stored)
    assert (planned.status_code, planned.data["state"]) == (201, "planned")
    assert planned.data["plan"]["readings"] == {"changed": 3, "added": 0, "removed": 0}
    path = f"device/{stored.slug}/repair/{planned.data['id']}"

    done = post(owner, f"{path}/carry-out/")
    run_jobs()

    assert (done.status_code, state_of(done.data["pid"])[0]) == (202, "done")
    shown = owner.get(f"/api/v1/{path}/").data
    assert (shown["state"], shown["result"]["readings"]["changed"]) == ("done", 3)
    undone = post(owner, f"{path}/undo/")
    run_jobs()
    assert undone.status_code == 202
    assert owner.get(f"/api/v1/{path}/").data["state"] == "undone"
    assert everything_stored() == before


def test_plans_are_listed_and_discarded(owner: APIClient, stored: Device) -> None:
    made = plan(owner, stored).data

    listed = owner.get(f"/api/v1/device/{stored.slug}/repair/").data
    gone = owner.delete(f"/api/v1/device/{stored.slug}/repair/{made['id']}/")

    assert [each["id"] for each in listed["results"]] == [made["id"]]
    assert (gone.status_code, Repair.objects.count()) == (204, 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "magic"}, "kind"),
        ({"kind": "remove-duplicates", "arguments": {"all": True}}, "all"),
        ({"kind": "remove-duplicates", "arguments": [1]}, ""),
        ({"kind": "adjust-forward"}, "base_ts"),
        ({"kind": "adjust-forward", "arguments": FORWARD["arguments"] | {"first_id": 0}}, "first_id"),
        ({"kind": "adjust-forward", "arguments": FORWARD["arguments"] | {"first_id": 2**63}}, "first_id"),
        ({"kind": "adjust-forward", "arguments": FORWARD["arguments"] | {"first_id": 5}}, "last_id"),
        ({"kind": "adjust-forward", "arguments": FORWARD["arguments"] | {"base_ts": "noon"}}, "base_ts"),
        (
            {"kind": "adjust-forward", "arguments": FORWARD["arguments"] | {"first_id": 70, "last_id": 90}},
            "first_id",
        ),
        ({"kind": "reprocess-reboot", "arguments": {"reboot_id": 3, "ref_id": 4}}, "reboot_id"),
        ({"kind": "reprocess-reboot", "arguments": {"reboot_id": 3, "ref_id": 4, "offset": -1}}, "offset"),
        ({"kind": "reprocess-report", "arguments": {"report": "7"}}, "report"),
        ({"kind": "rebuild-rollups", "arguments": {"month": "2021-13"}}, "month"),
    ],
)
def test_arguments_are_checked(owner: APIClient, stored: Device, body: dict[str, Any], field: str) -> None:
    answer = plan(owner, stored, body)

    assert answer.status_code == 400, answer.data
    errors = answer.data if field == "kind" else answer.data["arguments"]
    assert not field or field in errors
    assert not Repair.objects.exists()


def test_what_another_organisation_planned_is_not_there(
    owner: APIClient, stored: Device, alice: Account
) -> None:
    """The device has changed hands: the plan shows readings of its former owner."""
    made = plan(owner, stored).data
    elsewhere = make_org(name="Second home", owner=alice)
    Device.objects.filter(pk=stored.pk).update(org=elsewhere)

    assert owner.get(f"/api/v1/device/{stored.slug}/repair/").data["results"] == []
    path = f"device/{stored.slug}/repair/{made['id']}"
    assert owner.get(f"/api/v1/{path}/").status_code == 404
    assert post(owner, f"{path}/carry-out/").status_code == 404


def test_a_reset_forgets_repairs(owner: APIClient, stored: Device, run_jobs: RunJobs) -> None:
    made = plan(owner, stored).data
    post(owner, f"device/{stored.slug}/repair/{made['id']}/carry-out/")
    run_jobs()
    assert rows_in("repaired_row")

    post(owner, f"device/{stored.slug}/reset/", {})
    run_jobs()

    assert not Repair.objects.exists()
    assert rows_in("repaired_row") == []
