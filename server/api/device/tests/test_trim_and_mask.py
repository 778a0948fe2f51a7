"""What lies outside of a time is deleted (trim) or only hidden (mask)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.clients import api_client
from server.apps.devices.models import Device, DeviceLocation
from server.apps.lifecycle.jobs import TrimDevice
from server.apps.streams.models import StreamNote, StreamVariable
from server.apps.streams.tests.data import START, store
from server.apps.streams.tests.lifecycle import (
    RunJobs,
    expected_summaries,
    ids_in,
    keys_of,
    live_ids,
    mailed,
    post,
    summaries,
    undone,
)
from server.apps.streams.tests.written import Sender, event
from server.core.queue import enqueue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def owner(alice: Account) -> APIClient:
    return api_client(alice)


def at(minutes: float) -> str:
    """As far behind the first reading."""
    return (START + timedelta(minutes=minutes)).isoformat()


def trim(run_jobs: RunJobs, client: APIClient, device: Device, **body: str) -> str:
    answer = post(client, f"device/{device.slug}/trim/", body)
    assert (answer.status_code, answer.data["trim"]) == (202, "scheduled"), answer.data
    run_jobs()
    return str(answer.data["pid"])


@pytest.mark.parametrize(
    ("bounds", "left"),
    [
        ({"start": at(2)}, [3, 4, 5, 6]),
        ({"end": at(2)}, [1, 2, 3]),
        ({"start": at(1.5), "end": at(3.5)}, [3, 4]),
        ({"start": at(100)}, []),
        ({"start": at(-100), "end": at(100)}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_what_is_outside_goes(
    owner: APIClient, device: Device, bounds: dict[str, str], left: list[int], run_jobs: RunJobs
) -> None:
    store(device, 6)

    trim(run_jobs, owner, device, **bounds)

    assert live_ids(device) == left


@pytest.mark.parametrize(
    "bounds",
    [
        {"start": at(100)},
        {"end": at(200)},
        {"start": at(36.75), "end": at(96.75)},  # on the hours
        {"start": at(40), "end": at(42)},
        {"start": at(10_000)},
    ],
)
def test_hours_and_latest_values_agree_with_what_is_left(
    owner: APIClient, device: Device, bounds: dict[str, str], run_jobs: RunJobs
) -> None:
    store(device, 300)
    keys = keys_of(device)

    trim(run_jobs, owner, device, **bounds)

    assert summaries(keys) == expected_summaries(keys)


def test_reboots_versions_trips_and_what_only_the_app_shows_stay(
    owner: APIClient, device: Device, run_jobs: RunJobs
) -> None:
    lids = (0x5C00, 0x5C08, 0x5C09, 0x0E00, 0x0E01, 0x0E02, 0x5001, 0x100F)
    for number, lid in enumerate(lids):
        store(device, 1, lid=lid, first_id=number + 1)
    StreamVariable.objects.filter(lid=0x100F).update(app_only=True)

    trim(run_jobs, owner, device, start=at(1))

    assert live_ids(device) == [1, 2, 3, 4, 5, 6, 8]


def test_notes_locations_and_events_outside_go_too(
    owner: APIClient, device: Device, acme: Org, run_jobs: RunJobs
) -> None:
    for minutes in (0, 10):
        moment = START + timedelta(minutes=minutes)
        StreamNote.objects.create(org=acme, target=device.slug, timestamp=moment, note=str(minutes))
        DeviceLocation.objects.create(org=acme, target=device.slug, timestamp=moment, lat=1, lon=2)
    Sender(device).send(events=[event(1), event(2, large=True)])
    default_storage.save("events/2", ContentFile(b"{}"))

    trim(run_jobs, owner, device, start=at(5), end=at(20))

    assert list(StreamNote.objects.exclude(type="si").values_list("note", flat=True)) == ["10"]
    assert DeviceLocation.objects.get().timestamp == START + timedelta(minutes=10)
    assert ids_in(keys_of(device), "event") == []
    assert not default_storage.exists("events/2")


def test_the_trimmer_gets_a_mail_and_the_device_is_free(
    owner: APIClient, device: Device, alice: Account, run_jobs: RunJobs
) -> None:
    trim(run_jobs, owner, device, start=at(1))

    device.refresh_from_db()
    assert device.state == "N1"
    assert mailed() == [(f"Fieldline: {device.slug} was trimmed", [alice.email])]


def test_the_job_again_changes_nothing(owner: APIClient, device: Device, run_jobs: RunJobs) -> None:
    store(device, 6)
    pid = trim(run_jobs, owner, device, start=at(2))
    store(device, 1, first_id=7)
    before = live_ids(device)
    undone(pid)

    enqueue(TrimDevice(pid=pid, device=device.pk, start=at(500), end="", state="N0"))
    run_jobs()

    device.refresh_from_db()
    assert (live_ids(device), device.state) == (before, "N1")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "detail"),
        ({"start": None}, "detail"),
        ({"start": "yesterday"}, "start"),
        ({"start": at(2), "end": at(1)}, "start"),
        ({"begin": at(1)}, "begin"),
    ],
)
def test_a_trim_that_makes_no_sense_is_refused(
    owner: APIClient, device: Device, body: dict[str, Any], field: str
) -> None:
    answer = post(owner, f"device/{device.slug}/trim/", body)

    assert (answer.status_code, list(answer.data)) == (400, [field])


def test_strangers_and_busy_devices(owner: APIClient, device: Device, charlie: Account) -> None:
    stranger = post(api_client(charlie), f"device/{device.slug}/trim/", {"start": at(1)})
    first = post(owner, f"device/{device.slug}/trim/", {"start": at(1)})
    second = post(owner, f"device/{device.slug}/trim/", {"start": at(1)})
    mask = owner.patch(f"/api/v1/device/{device.slug}/mask/", {"start": at(1)}, format="json")

    assert [answer.status_code for answer in (stranger, first, second, mask)] == [404, 202, 403, 403]


def mask_url(slug: str) -> str:
    kind = "datablock" if slug.startswith("b") else "device"
    return f"/api/v1/{kind}/{slug}/mask/"


def test_a_device_without_a_mask_has_nulls(owner: APIClient, device: Device) -> None:
    assert owner.get(mask_url(device.slug)).data == {"start": None, "end": None}


def test_setting_a_mask_counts_what_it_shows(owner: APIClient, device: Device) -> None:
    store(device, 6)

    answer = owner.patch(mask_url(device.slug), {"start": at(1), "end": at(4)}, format="json")

    assert answer.status_code == 202
    assert (answer.data["data"], answer.data["events"]) == (3, 0)
    assert owner.get(mask_url(device.slug)).data == {
        "start": answer.data["start"],
        "end": answer.data["end"],
    }
    assert live_ids(device) == [1, 2, 3, 4, 5, 6]
    assert StreamNote.objects.get(target=device.slug).type == StreamNote.Type.USER


def test_one_end_of_a_mask_changes_alone(owner: APIClient, device: Device) -> None:
    owner.patch(mask_url(device.slug), {"start": at(1), "end": at(4)}, format="json")

    owner.patch(mask_url(device.slug), {"end": None}, format="json")

    shown = owner.get(mask_url(device.slug)).data
    assert (shown["start"] is not None, shown["end"]) == (True, None)


def test_a_mask_is_removed(owner: APIClient, device: Device) -> None:
    owner.patch(mask_url(device.slug), {"start": at(1)}, format="json")

    answers = [owner.delete(mask_url(device.slug)).status_code for _ in range(2)]

    assert answers == [204, 204]
    assert owner.get(mask_url(device.slug)).data == {"start": None, "end": None}


def test_an_archive_has_a_mask_of_its_own(owner: APIClient, device: Device, run_jobs: RunJobs) -> None:
    store(device, 6)
    slug = post(owner, "datablock/", {"title": "Spring", "device": device.slug}).data["slug"]
    early = owner.patch(mask_url(slug), {"start": at(1)}, format="json")
    run_jobs()

    answer = owner.patch(mask_url(slug), {"start": at(1)}, format="json")

    assert (early.status_code, answer.status_code, answer.data["data"]) == (403, 202, 5)
    assert owner.get(mask_url(device.slug)).data == {"start": None, "end": None}
    assert owner.delete(mask_url(slug)).status_code == 204


def test_a_member_sees_masks_and_sets_none(device: Device, bob: Account) -> None:
    client = api_client(bob)

    assert client.get(mask_url(device.slug)).status_code == 200
    assert client.patch(mask_url(device.slug), {"start": at(1)}, format="json").status_code == 403
    assert client.delete(mask_url(device.slug)).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "detail"),
        ({"start": None, "end": None}, "detail"),
        ({"start": at(2), "end": at(2)}, "start"),
        ({"start": 5}, "start"),
        ({"from": at(1)}, "from"),
    ],
)
def test_a_mask_that_makes_no_sense_is_refused(
    owner: APIClient, device: Device, body: dict[str, Any], field: str
) -> None:
    answer = owner.patch(mask_url(device.slug), body, format="json")

    assert (answer.status_code, list(answer.data)) == (400, [field])
