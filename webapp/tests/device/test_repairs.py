"""Repairs on the page of a device: planned first, then run."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device
from server.apps.lifecycle.models import Repair
from server.apps.streams.tests.lifecycle import RunJobs
from server.apps.streams.tests.recounted import everything_stored
from server.apps.streams.tests.written import NOON, Sender, row
from webapp.forms.repairs import FORMS
from webapp.tests.conftest import signed_in

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def stored(device: Device) -> Device:
    Sender(device).send(*[row(n, at=n, value=n) for n in range(1, 6)])
    return device


def tab(client: Client, device: Device, query: str = "") -> str:
    answer = client.get(f"/device/{device.slug}/?tab=repair{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def plan(client: Client, device: Device, kind: str = "adjust-forward", **fields: str) -> str:
    """Plan a repair. Returns the page that follows."""
    sent = {"base_ts": (NOON + timedelta(days=1)).isoformat(), "first_id": "2", "last_id": "4"} | fields
    answer = client.post(f"/device/{device.slug}/repair/{kind}/plan/", sent, follow=True)
    return answer.content.decode()


@pytest.mark.parametrize("kind", FORMS)
def test_there_is_a_form_for_each_kind(as_alice: Client, device: Device, kind: str) -> None:
    html = tab(as_alice, device, f"&kind={kind}")

    assert f"/repair/{kind}/plan/" in html
    assert FORMS[kind].explanation.split(",")[0] in html


def test_a_moment_is_entered_as_one(as_alice: Client, device: Device) -> None:
    assert 'type="datetime-local"' in tab(as_alice, device)
    assert 'type="month"' in tab(as_alice, device, "&kind=rebuild-rollups")


def test_a_plan_is_shown_before_anything_changes(as_alice: Client, stored: Device) -> None:
    before = everything_stored()

    html = plan(as_alice, stored)

    assert everything_stored() == before
    assert "Readings with a new time or value" in html
    assert "Run the repair" in html


def test_a_repair_is_run_and_undone(as_alice: Client, stored: Device, run_jobs: RunJobs) -> None:
    before = everything_stored()
    plan(as_alice, stored)
    repair = Repair.objects.get()
    address = f"/device/{stored.slug}/repair/{repair.pk}"

    as_alice.post(f"{address}/carry-out/")
    run_jobs()
    assert everything_stored() != before
    assert "Undo the repair" in tab(as_alice, stored, f"&repair={repair.pk}")

    as_alice.post(f"{address}/undo/")
    run_jobs()
    assert everything_stored() == before
    assert "Undone" in tab(as_alice, stored)


def test_a_plan_is_discarded(as_alice: Client, stored: Device) -> None:
    plan(as_alice, stored)

    as_alice.post(f"/device/{stored.slug}/repair/{Repair.objects.get().pk}/discard/")

    assert "No repairs yet" in tab(as_alice, stored)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"first_id": "9"}, "Must not be lower than the first reading id."),
        ({"first_id": "70", "last_id": "80"}, "No stored reading in this range has an uptime"),
        ({"base_ts": "tomorrow"}, "Enter a valid date/time."),
    ],
)
def test_errors_are_shown_at_the_form(
    as_alice: Client, stored: Device, fields: dict[str, str], words: str
) -> None:
    assert words in plan(as_alice, stored, **fields)
    assert not Repair.objects.exists()


def test_a_plan_without_changes_says_so(as_alice: Client, stored: Device) -> None:
    html = plan(as_alice, stored, "remove-duplicates")

    assert "everything is correct" in html
    assert "Run the repair" not in html


def test_who_may_not_modify_devices_sees_no_tab(acme: Org, stored: Device) -> None:
    dora = make_account(username="dora")
    add_member(org=acme, user=dora, role=Role.OPERATOR)
    client = signed_in(dora)

    assert "?tab=repair" not in client.get(f"/device/{stored.slug}/").content.decode()
    assert client.get(f"/device/{stored.slug}/?tab=repair").status_code == 403


def test_a_repair_of_another_device_is_not_there(as_alice: Client, stored: Device, alice: Account) -> None:
    plan(as_alice, stored)
    repair = Repair.objects.get()
    stranger = re.sub(r"....$", "ffff", stored.slug)

    assert as_alice.post(f"/device/{stranger}/repair/{repair.pk}/carry-out/").status_code == 404
