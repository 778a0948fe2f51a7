"""A device starts again in its project, or leaves it."""

import json
from typing import Any

import pytest
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_org
from server.apps.activity.models import Change
from server.apps.devices.models import (
    ConfigAttribute,
    ConfigName,
    Device,
    DeviceKey,
    DeviceLocation,
    Project,
    Property,
)
from server.apps.devices.services.keys import issue_upload_key
from server.apps.devices.tests.factories import make_project
from server.apps.ingest.models import RefusedUpload, Streamer, StreamerReport
from server.apps.ingest.services.receiving import RefusedReport
from server.apps.ingest.tests.sent import (
    Carrier,
    acknowledged,
    dictionary,
    is_kept,
    process,
    reading_keys,
    rows,
    signed_list,
    stored_ids,
    waiting_jobs,
)
from server.apps.lifecycle.jobs import ResetDevice, UnclaimDevice
from server.apps.lifecycle.services.claiming import claim_device
from server.apps.lifecycle.services.unclaiming import run_unclaim, unclaim_device
from server.apps.streams.models import DataMask, StreamId, StreamNote
from server.apps.streams.tests.data import START
from server.apps.streams.tests.lifecycle import RunJobs, ids_in, keys_of, mailed, post, state_of, undone
from server.core.errors import Unavailable
from server.core.queue import enqueue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def owner(alice: Account) -> APIClient:
    return api_client(alice)


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def deliver(carrier: Carrier, *ids: int) -> StreamerReport:
    report = carrier.upload(signed_list(carrier.device, rows(*ids)))
    process(report)
    waiting_jobs()
    report.refresh_from_db()
    return report


def reset(run_jobs: RunJobs, client: APIClient, device: Device, **body: bool) -> str:
    answer = post(client, f"device/{device.slug}/reset/", body)
    assert (answer.status_code, answer.data["reset"]) == (202, "scheduled"), answer.data
    run_jobs()
    device.refresh_from_db()
    return str(answer.data["pid"])


def unclaim(run_jobs: RunJobs, client: APIClient, device: Device, **body: Any) -> str:
    answer = post(client, f"device/{device.slug}/unclaim/", body)
    assert (answer.status_code, answer.data["unclaimed"]) == (202, True), answer.data
    run_jobs()
    device.refresh_from_db()
    return str(answer.data["pid"])


def test_a_reset_leaves_no_data(
    owner: APIClient, device: Device, carrier: Carrier, run_jobs: RunJobs
) -> None:
    report = deliver(carrier, 1, 2, 3)
    large = json.loads(dictionary(device))["events"][0] | {"data": {"x": [1] * 2000}}
    carrier.deliver(dictionary(device, events=[large]), name="report.json")
    waiting_jobs()
    assert default_storage.listdir("events")[1]

    pid = reset(run_jobs, owner, device)

    assert stored_ids(device) == []
    assert ids_in(keys_of(device), "event") == []
    assert not StreamerReport.objects.exists()
    assert not is_kept(report.object_key)
    assert default_storage.listdir("events")[1] == []
    assert state_of(pid) == ("done", "4 readings deleted.")  # with the report's mark
    assert (device.state, device.project is not None) == ("N1", True)


def test_a_full_reset_lets_old_readings_come_again(
    owner: APIClient, device: Device, carrier: Carrier, run_jobs: RunJobs
) -> None:
    deliver(carrier, 1, 2, 3)

    reset(run_jobs, owner, device)

    assert acknowledged(device) == 0
    assert owner.get(f"/api/v1/device/{device.slug}/streamers/").data == []
    deliver(carrier, 1, 2, 3)
    assert (stored_ids(device), acknowledged(device)) == ([1, 2, 3], 3)
    assert Streamer.objects.get().has_stored


def test_without_full_the_acknowledgements_stay(
    owner: APIClient, device: Device, carrier: Carrier, run_jobs: RunJobs
) -> None:
    deliver(carrier, 1, 2, 3)

    reset(run_jobs, owner, device, full=False)

    assert acknowledged(device) == 3
    deliver(carrier, 2, 3, 4)
    assert stored_ids(device) == [4]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({}, {"born"}),
        ({"include_properties": False}, {"born", "color"}),
        ({"include_notes_and_locations": False}, {"born", "note", "location"}),
    ],
)
def test_what_people_recorded_is_deleted_on_request(
    owner: APIClient, device: Device, acme: Org, body: dict[str, bool], left: set[str], run_jobs: RunJobs
) -> None:
    Property.objects.create(org=acme, target=device.slug, name="color", text="red")
    Property.objects.create(org=acme, target=device.slug, name="born", text="2021", is_system=True)
    StreamNote.objects.create(org=acme, target=device.slug, timestamp=START, note="note")
    DeviceLocation.objects.create(org=acme, target=device.slug, timestamp=START, lat=1, lon=2)
    DataMask.objects.create(org=acme, target=device.slug, start=START)

    reset(run_jobs, owner, device, **body)

    found = set(Property.objects.values_list("name", flat=True))
    found |= set(StreamNote.objects.filter(note="note").values_list("note", flat=True))
    found |= {"location"} if DeviceLocation.objects.exists() else set()
    assert found == left
    assert not DataMask.objects.exists()


def test_who_resets_gets_a_mail(owner: APIClient, device: Device, alice: Account, run_jobs: RunJobs) -> None:
    reset(run_jobs, owner, device)

    assert mailed() == [(f"Fieldline: {device.slug} was reset", [alice.email])]
    assert Change.objects.filter(event="reset-device", audited=True, by=alice).exists()


def test_a_report_waits_while_its_device_is_busy(
    owner: APIClient, device: Device, carrier: Carrier, run_jobs: RunJobs
) -> None:
    before = carrier.upload(signed_list(device, rows(1, 2)))
    waiting_jobs()
    post(owner, f"device/{device.slug}/reset/", {})
    meanwhile = carrier.upload(signed_list(device, rows(3, 4)))

    for report in (before, meanwhile):
        with pytest.raises(Unavailable):
            process(report)
    run_pending_twice(run_jobs, owner)

    assert process(before) is None  # the reset took it along
    process(meanwhile)
    assert stored_ids(device) == [3, 4]


def run_pending_twice(run_jobs: RunJobs, owner: APIClient) -> None:
    run_jobs()
    run_jobs()


def test_the_reset_again_changes_nothing(
    owner: APIClient, device: Device, carrier: Carrier, run_jobs: RunJobs
) -> None:
    deliver(carrier, 1, 2, 3)
    pid = reset(run_jobs, owner, device)
    deliver(carrier, 1, 2, 3)
    undone(pid)

    enqueue(
        ResetDevice(
            pid=pid,
            device=device.pk,
            before="2999-01-01T00:00:00+00:00",
            full=True,
            include_properties=True,
            include_notes_and_locations=True,
            state="N0",
        )
    )
    run_jobs()

    device.refresh_from_db()
    assert (stored_ids(device), device.state) == ([1, 2, 3], "N1")
    assert state_of(pid)[0] == "done"


@pytest.mark.parametrize("path", ["reset", "unclaim"])
def test_members_strangers_and_busy_devices(
    owner: APIClient, device: Device, bob: Account, charlie: Account, path: str
) -> None:
    url = f"device/{device.slug}/{path}/"

    answers = [post(api_client(bob), url), post(api_client(charlie), url), post(owner, url), post(owner, url)]

    assert [answer.status_code for answer in answers] == [403, 404, 202, 403]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("reset", {"full": "perhaps"}, "full"),
        ("reset", {"everything": True}, "everything"),
        ("unclaim", {"label": "x" * 101}, "label"),
        ("unclaim", {"label": "{id}" + "x" * 97}, "label"),
        ("unclaim", {"clean": True}, "clean"),
    ],
)
def test_what_makes_no_sense_is_refused(
    owner: APIClient, device: Device, path: str, body: dict[str, Any], field: str
) -> None:
    answer = post(owner, f"device/{device.slug}/{path}/", body)

    assert (answer.status_code, list(answer.data)) == (400, [field])
    device.refresh_from_db()
    assert device.state == "N1"


def test_an_unclaimed_device_is_nobodys(
    owner: APIClient, device: Device, alice: Account, run_jobs: RunJobs
) -> None:
    unclaim(run_jobs, owner, device)

    assert (device.org, device.project, device.claimed_by, device.claimed_on) == (None, None, None, None)
    assert (device.label, device.state) == (f"Device ({device.slug[-4:]})", "N1")
    assert owner.get(f"/api/v1/device/{device.slug}/").status_code == 404
    assert mailed() == [(f"Fieldline: {device.slug} was unclaimed", [alice.email])]


def test_who_gave_it_back_claims_it_again_with_the_code_of_the_answer(
    owner: APIClient, device: Device, project: Project, run_jobs: RunJobs
) -> None:
    answer = post(owner, f"device/{device.slug}/unclaim/", {})
    run_jobs()

    body = {"device": device.slug, "project": project.slug, "claim_code": answer.data["claim_code"]}
    again = post(owner, "device/claim/", body)

    assert again.status_code == 202, again.data
    device.refresh_from_db()
    assert device.project == project


def test_its_label_may_name_it(owner: APIClient, device: Device, run_jobs: RunJobs) -> None:
    unclaim(run_jobs, owner, device, label="Back in the box {id}")

    assert device.label == f"Back in the box {device.slug[-4:]}"


def test_without_cleaning_the_data_stays_in_the_project(
    owner: APIClient, device: Device, carrier: Carrier, alice: Account, project: Project, run_jobs: RunJobs
) -> None:
    deliver(carrier, 1, 2, 3)
    keys, of_readings = keys_of(device), reading_keys(device)

    unclaim(run_jobs, owner, device)

    assert ids_in(of_readings) == [1, 2, 3]
    assert acknowledged(device) == 3
    claim_device(device=device, into=project, by=alice)
    assert keys_of(device) == keys


def test_with_cleaning_nothing_is_left(
    owner: APIClient, device: Device, carrier: Carrier, run_jobs: RunJobs
) -> None:
    deliver(carrier, 1, 2, 3)
    keys = keys_of(device)

    unclaim(run_jobs, owner, device, clean_streams=True)

    assert ids_in(keys) == []
    assert not StreamId.objects.exists()


@pytest.mark.parametrize("clean_streams", [True, False])
@pytest.mark.parametrize("first_reset", [True, False])
def test_what_the_former_owner_had_does_not_come_again(
    owner: APIClient,
    device: Device,
    carrier: Carrier,
    charlie: Account,
    run_jobs: RunJobs,
    clean_streams: bool,
    first_reset: bool,
) -> None:
    """Not even after a full reset, which lets old readings come again to the same owner."""
    deliver(carrier, *range(1, 11))
    if first_reset:
        reset(run_jobs, owner, device)
        deliver(carrier, 2, 3)
    unclaim(run_jobs, owner, device, clean_streams=clean_streams)
    of_owner = reading_keys(device)
    claim_device(device=device, into=make_project(org=make_org(owner=charlie)), by=charlie)

    deliver(Carrier(device, charlie), *range(5, 16))

    of_next = [key for key in reading_keys(device) if key not in of_owner]
    assert (ids_in(of_next), acknowledged(device)) == ([11, 12, 13, 14, 15], 15)


def test_a_reset_before_a_move_to_another_org_brings_it_nothing(
    owner: APIClient, device: Device, carrier: Carrier, alice: Account, run_jobs: RunJobs
) -> None:
    globex = make_project(org=make_org(owner=alice))
    deliver(carrier, 1, 2, 3)
    reset(run_jobs, owner, device)

    post(owner, f"device/{device.slug}/move/", {"project": globex.slug})
    run_jobs()

    deliver(Carrier(device, alice), 1, 2, 3, 4)
    device.refresh_from_db()
    assert (device.project, stored_ids(device)) == (globex, [4])


def test_a_reset_before_a_move_within_the_org_still_counts(
    owner: APIClient, device: Device, carrier: Carrier, acme: Org, run_jobs: RunJobs
) -> None:
    garden = make_project(name="Garden", org=acme)
    deliver(carrier, 1, 2, 3)
    reset(run_jobs, owner, device)

    post(owner, f"device/{device.slug}/move/", {"project": garden.slug})
    run_jobs()

    deliver(carrier, 1, 2, 3)
    assert stored_ids(device) == [1, 2, 3]


def test_a_deleted_archive_does_not_come_again(
    owner: APIClient, device: Device, carrier: Carrier, run_jobs: RunJobs
) -> None:
    deliver(carrier, 1, 2, 3)
    block = post(owner, "datablock/", {"device": device.slug, "title": "Summer"}).data["slug"]
    run_jobs()
    assert owner.delete(f"/api/v1/datablock/{block}/").status_code == 202
    run_jobs()

    deliver(carrier, 1, 2, 3, 4)

    assert stored_ids(device) == [4]


def test_the_next_owner_finds_nothing_of_the_former_one(
    owner: APIClient, device: Device, carrier: Carrier, acme: Org, run_jobs: RunJobs
) -> None:
    report = deliver(carrier, 1, 2, 3)
    with pytest.raises(RefusedReport):
        carrier.upload(signed_list(device, rows(4))[:-3])
    refused = RefusedUpload.objects.get().object_key
    Property.objects.create(org=acme, target=device.slug, name="color", text="red")
    StreamNote.objects.create(org=acme, target=device.slug, timestamp=START, note="Wet.")
    DeviceLocation.objects.create(org=acme, target=device.slug, timestamp=START, lat=1, lon=2)
    DataMask.objects.create(org=acme, target=device.slug, start=START)
    name = ConfigName.objects.create(name=":secret")
    ConfigAttribute.objects.create(org=acme, target=device.slug, name=name, data={"key": "x"})
    issue_upload_key(device=device, by=None)

    unclaim(run_jobs, owner, device)

    for model in (
        StreamerReport,
        RefusedUpload,
        Property,
        StreamNote,
        DeviceLocation,
        DataMask,
        ConfigAttribute,
    ):
        assert not model._default_manager.exists(), model
    assert not is_kept(report.object_key)
    assert not is_kept(refused)
    assert not DeviceKey.objects.filter(kind=DeviceKey.Kind.UPLOAD, revoked_on=None).exists()


def test_what_is_uploaded_while_a_device_leaves_is_not_left_to_the_next_owner(
    device: Device, carrier: Carrier, alice: Account
) -> None:
    deliver(carrier, 1, 2, 3)
    operation = unclaim_device(device=device, by=alice, clean_streams=True).operation
    job = UnclaimDevice(pid=str(operation.pk), device=device.pk, label="Back", clean_streams=True, state="N1")
    files: list[str] = []

    def upload(percent: int, message: str) -> None:
        with pytest.raises(RefusedReport):
            carrier.upload(signed_list(device, rows(4))[:-3])
        report = carrier.upload(signed_list(device, rows(4, 5)))
        files.extend([report.object_key, *RefusedUpload.objects.values_list("object_key", flat=True)])

    run_unclaim(job, upload)

    device.refresh_from_db()
    assert device.project is None
    assert len(files) >= 2
    assert not any(is_kept(file) for file in files)
    assert not StreamerReport.objects.exists()
    assert not RefusedUpload.objects.exists()


def test_unclaiming_again_changes_nothing(
    owner: APIClient, device: Device, carrier: Carrier, alice: Account, project: Project, run_jobs: RunJobs
) -> None:
    pid = unclaim(run_jobs, owner, device)
    claim_device(device=device, into=project, by=alice)
    deliver(carrier, 1, 2, 3)
    undone(pid)

    enqueue(UnclaimDevice(pid=pid, device=device.pk, label="Again", clean_streams=True, state="N0"))
    run_jobs()

    device.refresh_from_db()
    assert (device.project, device.label != "Again") == (project, True)
    assert stored_ids(device) == [1, 2, 3]
