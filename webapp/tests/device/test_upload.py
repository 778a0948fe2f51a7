"""A report uploaded on the page."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from server.apps.accounts.models import Account
from server.apps.accounts.services.accounts import change_profile
from server.apps.devices.models import Device, Project
from server.apps.devices.tests.factories import make_project
from server.apps.ingest.models import RefusedUpload, StreamerReport
from server.apps.streams.tests.factories import make_claimed_device
from webapp.tests.stored import report_of

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SCRIPT = {"HX-Request": "true", "HX-Target": "upload"}


def form(data: bytes, name: str = "report.bin", **fields: str) -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, data), **fields}


def address(device: Device) -> str:
    return f"/device/{device.slug}/upload/"


def test_a_report_is_accepted_and_listed(as_alice: Client, alice: Account, device: Device) -> None:
    answer = as_alice.post(address(device), form(report_of(device, [1, 2, 3])), follow=True)

    assert answer.redirect_chain == [(f"/device/{device.slug}/?tab=reports", 302)]
    assert "Accepted: 3 readings" in answer.content.decode()
    assert StreamerReport.objects.get().created_by == alice


def test_a_script_gets_the_form_back_with_the_answer(as_alice: Client, device: Device) -> None:
    answer = as_alice.post(address(device), form(report_of(device, [1, 2, 3])), headers=SCRIPT)

    html = answer.content.decode()
    assert "3 readings, ids 1 to 3." in html
    assert "<html" not in html


def test_the_time_of_receipt_is_entered_in_the_readers_time_zone(
    as_alice: Client, alice: Account, device: Device
) -> None:
    change_profile(user=alice, name="", time_zone="Europe/Berlin")

    as_alice.post(address(device), form(report_of(device, [1]), received="2026-02-01T13:00:05"))

    assert StreamerReport.objects.get().sent_timestamp == datetime(2026, 2, 1, 12, 0, 5, tzinfo=UTC)


def test_a_damaged_report_is_refused_with_reason_and_byte(as_alice: Client, device: Device) -> None:
    data = bytearray(report_of(device, [1, 2, 3]))
    data[-1] ^= 1

    answer = as_alice.post(address(device), form(bytes(data)))

    html = answer.content.decode()
    offset = RefusedUpload.objects.get().offset
    assert answer.status_code == 400
    assert "bad-hash" in html
    assert f"(byte {offset})" in html


def test_a_script_reads_the_reason_in_the_form(as_alice: Client, device: Device) -> None:
    answer = as_alice.post(address(device), form(b"\x01 is no report"), headers=SCRIPT)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Not accepted" in html
    assert "(byte " in html
    assert "<html" not in html


@pytest.mark.parametrize(
    ("fields", "message"),
    [({}, "This field is required"), ({"received": "soon"}, "Enter a date and a time.")],
)
def test_an_incomplete_form_is_explained(
    as_alice: Client, device: Device, fields: dict[str, str], message: str
) -> None:
    file = form(report_of(device, [1])) if fields else {}

    answer = as_alice.post(address(device), {**file, **fields})

    assert answer.status_code == 400
    assert message in answer.content.decode()
    assert not StreamerReport.objects.exists()


def test_an_empty_file_is_refused_by_the_format_and_not_by_the_form(as_alice: Client, device: Device) -> None:
    as_alice.post(address(device), form(b""))

    assert RefusedUpload.objects.get().size_bytes == 0


def test_a_report_of_another_device_of_mine_is_stored_there(
    as_alice: Client, device: Device, project: Project
) -> None:
    other = make_claimed_device(project=project)

    answer = as_alice.post(address(device), form(report_of(other, [1])), headers=SCRIPT)

    assert "It is a report of another device" in answer.content.decode()
    assert StreamerReport.objects.get().streamer.device == other


def test_a_report_of_a_foreign_device_is_refused_without_details(
    as_charlie: Client, charlie: Account, device: Device
) -> None:
    mine = make_claimed_device(project=make_project(org=charlie.orgs.get()))

    answer = as_charlie.post(address(mine), form(report_of(device, [1])))

    assert answer.status_code == 400
    assert "a device that you may not upload for" in answer.content.decode()
    assert not StreamerReport.objects.exists()


def test_a_stranger_cannot_upload(as_charlie: Client, device: Device) -> None:
    assert as_charlie.post(address(device), form(report_of(device, [1]))).status_code == 404


def test_an_upload_takes_a_post(as_alice: Client, device: Device) -> None:
    assert as_alice.get(address(device)).status_code == 405


def test_an_upload_from_another_site_is_refused(alice: Account, device: Device) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    answer = client.post(address(device), form(report_of(device, [1])))

    assert answer.status_code == 403
    assert not StreamerReport.objects.exists()
