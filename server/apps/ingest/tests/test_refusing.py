"""Use case: an upload is refused: not found, or kept with its reason."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Device, DeviceKey, Project
from server.apps.devices.services.keys import set_report_key
from server.apps.devices.tests.factories import make_device, make_project
from server.apps.ingest.models import RefusedUpload, Streamer, StreamerReport
from server.apps.ingest.selectors import refused_uploads_of_device
from server.apps.ingest.services.receiving import RefusedReport, Upload, refuse_upload
from server.apps.ingest.tests.received import carrier, signed
from server.apps.ingest.tests.sent import (
    NOW,
    RECEIVED,
    Carrier,
    is_kept,
    rows,
    signed_list,
    waiting_jobs,
)
from server.apps.streams.tests.factories import make_claimed_device
from server.core.errors import NotFound
from server.core.storage import put_object
from server.lib.formats import SignatureKind

__all__ = ["carrier"]  # fixtures


pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


# Not there


def test_strangers_bring_nothing_and_leave_nothing(device: Device, charlie: Account) -> None:
    with pytest.raises(NotFound):
        Carrier(device, charlie).upload(signed_list(device, rows(1)))

    assert not StreamerReport.objects.exists()
    assert not RefusedUpload.objects.exists()
    assert not Streamer.objects.exists()


def test_a_device_brings_no_report_of_another(device: Device, project: Project) -> None:
    other = make_claimed_device(project=project)

    with pytest.raises(NotFound):
        Carrier(device, other).upload(signed_list(device, rows(1)))


def test_whether_a_foreign_device_has_a_key_is_not_revealed(device: Device, charlie: Account) -> None:
    """Both are "not found", though one of them is signed with a key that nobody holds."""
    for data in (signed(device, SignatureKind.USER_KEY, bytes(32)), signed_list(device, rows(1))):
        with pytest.raises(NotFound):
            Carrier(device, charlie).upload(data)


# Refused


def refused(carrier: Carrier, data: bytes, *, name: str = "report.bin") -> RefusedUpload:
    with pytest.raises(RefusedReport) as error:
        carrier.upload(data, name=name)
    kept = RefusedUpload.objects.get()
    assert (kept.reason, kept.message, kept.offset) == (
        *(error.value.reason, error.value.message),
        error.value.offset,
    )
    return kept


def test_a_damaged_report_is_refused_and_kept_with_reason_and_place(
    carrier: Carrier, device: Device, bob: Account
) -> None:
    data = bytearray(signed_list(device, rows(1, 2)))
    data[30] ^= 1

    kept = refused(carrier, bytes(data), name="today.bin")

    assert (kept.reason, kept.offset) == ("bad-hash", len(data) - 16)
    assert (kept.device, kept.created_by, kept.file_name) == (device, bob, "today.bin")
    with default_storage.open(kept.object_key) as file:
        assert file.read() == data


def test_nothing_else_comes_of_a_refused_report(carrier: Carrier, device: Device) -> None:
    refused(carrier, signed_list(device, rows(1))[:-1])

    assert not StreamerReport.objects.exists()
    assert not Streamer.objects.exists()
    assert waiting_jobs() == []
    assert Device.objects.get(pk=device.pk).last_report_on is None


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "report.bin", "empty-file"),
        (b"\x01", "report.bin", "too-short"),
        (b"\x07" * 60, "report.bin", "unknown-format"),
        (b"{}", "report.json", "missing-field"),
        (b"{", "report.json", "bad-json"),
        (b"\xc1", "report.mp", "bad-msgpack"),
        (b"anything", "report.txt", "wrong-extension"),
    ],
)
def test_what_is_no_report_is_refused_and_kept(carrier: Carrier, data: bytes, name: str, reason: str) -> None:
    kept = refused(carrier, data, name=name)

    assert (kept.reason, kept.size_bytes, kept.device) == (reason, len(data), None)
    assert is_kept(kept.object_key)


def test_what_a_device_sends_in_vain_is_listed_with_the_device(device: Device) -> None:
    kept = refused(Carrier(device, device), b"noise")

    assert (kept.device, kept.created_by) == (device, None)


def test_what_a_device_sends_in_vain_is_not_listed_with_another_one(
    device: Device, project: Project, alice: Account
) -> None:
    other = make_claimed_device(project=project)
    refused(Carrier(device, device), b"noise")

    assert refused_uploads_of_device(alice, other, limit=9) == []


def test_a_refused_report_that_claims_a_foreign_device_is_not_listed_with_it(
    device: Device, charlie: Account, other_org: Org
) -> None:
    make_claimed_device(project=make_project(name="Else", org=other_org))
    data = signed_list(device, rows(1))[:-1]

    assert refused(Carrier(device, charlie), data).device is None


def test_nothing_is_kept_of_a_sender_who_may_upload_for_no_device(device: Device, charlie: Account) -> None:
    put_object("refused/another", b"", overwrite=True)  # so that there is a folder
    kept = default_storage.listdir("refused")

    with pytest.raises(RefusedReport):
        Carrier(device, charlie).upload(b"noise")

    assert not RefusedUpload.objects.exists()
    assert default_storage.listdir("refused") == kept


def test_a_report_of_an_unclaimed_device_is_refused(project: Project, alice: Account) -> None:
    waiting = make_device()
    Device.objects.filter(pk=waiting.pk).update(org=project.org)

    kept = refused(Carrier(waiting, alice), signed_list(waiting, rows(1)))

    assert (kept.reason, kept.device) == ("device-not-claimed", waiting)


def test_a_report_signed_with_an_unknown_key_is_refused(carrier: Carrier, device: Device) -> None:
    assert refused(carrier, signed(device, SignatureKind.USER_KEY, bytes(32))).reason == "no-key"


def test_a_report_signed_with_another_key_is_refused(carrier: Carrier, device: Device) -> None:
    set_report_key(device=device, kind=DeviceKey.Kind.REPORT_USER, root_key=bytes(range(32)), by=None)

    assert refused(carrier, signed(device, SignatureKind.USER_KEY, bytes(32))).reason == "bad-signature"


@pytest.mark.parametrize(
    ("ahead", "taken"), [(timedelta(days=1), True), (timedelta(days=1, microseconds=1), False)]
)
def test_a_carriers_clock_may_be_a_day_ahead(
    carrier: Carrier, device: Device, ahead: timedelta, taken: bool
) -> None:
    carrier.received = NOW + ahead
    data = signed_list(device, rows(1))

    if taken:
        carrier.upload(data, now=NOW)
        assert StreamerReport.objects.exists()
    else:
        assert refused(carrier, data).reason == "timestamp-in-future"


def test_of_a_refused_report_64_kb_are_kept(carrier: Carrier, device: Device, settings: Settings) -> None:
    settings.REPORT_MAX_BYTES = 100

    kept = refused(carrier, signed_list(device, rows(*range(1, 6000))))

    assert (kept.reason, kept.size_bytes) == ("too-large", 44 + 5999 * 16)
    assert default_storage.size(kept.object_key) == 64 * 1024


def test_a_form_without_a_file_can_be_recorded_too(device: Device) -> None:
    nothing = Upload(device, b"", "", RECEIVED)

    refuse_upload(nothing, reason="no-file", message="No file came.")

    kept = RefusedUpload.objects.get()
    assert (kept.reason, kept.message, kept.device, kept.size_bytes) == (
        "no-file",
        "No file came.",
        device,
        0,
    )
