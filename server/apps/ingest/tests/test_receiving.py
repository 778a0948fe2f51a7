"""Use case: an upload is checked, kept and queued."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, DeviceKey, Project
from server.apps.devices.services.keys import set_report_key
from server.apps.devices.tests.factories import make_sensor_graph
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.tests.received import carrier, signed
from server.apps.ingest.tests.sent import (
    NOW,
    RECEIVED,
    SENT_S,
    SYSTEM,
    Carrier,
    dictionary,
    rows,
    signed_list,
    waiting_jobs,
)
from server.apps.streams.tests.factories import make_claimed_device
from server.core.small_objects import SmallObject, is_small
from server.core.storage import get_object
from server.lib.formats import SignatureKind

__all__ = ["carrier"]  # fixtures


pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


# Taken


def test_a_report_is_kept_to_the_byte(carrier: Carrier, device: Device) -> None:
    data = signed_list(device, rows(1, 2, 3))

    report = carrier.upload(data)

    assert get_object(StreamerReport.objects.get(pk=report.pk).object_key) == data


def test_a_small_report_is_a_row_and_no_file(carrier: Carrier, device: Device, settings: Settings) -> None:
    data = signed_list(device, rows(1))
    settings.SMALL_REPORT_BYTES = len(data)

    small, large = carrier.upload(data), carrier.upload(signed_list(device, rows(2, 3)))

    assert (is_small(small.object_key), is_small(large.object_key)) == (True, False)
    assert SmallObject.objects.values_list("key", flat=True).get() == small.object_key
    assert default_storage.exists(large.object_key)


def test_its_row_has_what_the_header_has(carrier: Carrier, device: Device, bob: Account) -> None:
    report = carrier.upload(signed_list(device, rows(4, 5, 6)), name="today.bin")

    stored = StreamerReport.objects.get(pk=report.pk)
    assert (stored.original_first_id, stored.original_last_id, stored.count) == (4, 6, 3)
    assert (stored.incremental_id, stored.device_sent_timestamp) == (9, SENT_S)
    assert (stored.sent_timestamp, stored.created_by) == (RECEIVED, bob)
    assert (stored.file_name, stored.size_bytes) == ("today.bin", 44 + 3 * 16)
    assert stored.status == StreamerReport.Status.RECEIVED
    assert (stored.actual_first_id, stored.actual_last_id) == (None, None)


def test_its_job_waits_in_the_line_of_its_streamer(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, rows(1)))

    [job] = waiting_jobs()
    assert (job.report_id, job.streamer) == (str(report.pk), report.streamer.slug)
    assert job.order_key == report.streamer.slug


def test_the_first_report_of_a_streamer_makes_it(carrier: Carrier, device: Device) -> None:
    carrier.upload(signed_list(device, rows(1), index=1, selector=SYSTEM))

    streamer = Streamer.objects.get()
    assert streamer.slug == f"t--0000-0000-0000-{device.pk:04x}--0001"
    assert (streamer.index, streamer.selector, streamer.is_system) == (1, SYSTEM, True)
    assert not streamer.has_stored


def test_later_reports_find_their_streamer(carrier: Carrier, device: Device) -> None:
    for first in (1, 11):
        carrier.upload(signed_list(device, rows(first)))

    assert Streamer.objects.count() == 1
    assert StreamerReport.objects.count() == 2


def test_a_streamer_with_a_new_selector_keeps_the_new_one(carrier: Carrier, device: Device) -> None:
    carrier.upload(signed_list(device, rows(1), selector=0x57FF))

    carrier.upload(signed_list(device, rows(2), selector=SYSTEM))

    streamer = Streamer.objects.get()
    assert (streamer.selector, streamer.is_system) == (SYSTEM, True)


@pytest.mark.parametrize(("engine", "expected"), [(0, 0), (2, 2), (None, 2)])
def test_the_engine_is_that_of_the_sensor_graph(
    project: Project, alice: Account, engine: int | None, expected: int
) -> None:
    device = make_claimed_device(project=project)
    graph = make_sensor_graph(org=project.org)
    graph.report_processing_engine_ver = engine or 0
    graph.save()
    Device.objects.filter(pk=device.pk).update(sg=None if engine is None else graph)

    Carrier(device, alice).upload(signed_list(device, rows(1)))

    assert Streamer.objects.get().process_engine_ver == expected


def test_the_device_itself_brings_its_report(device: Device) -> None:
    report = Carrier(device, device).upload(signed_list(device, rows(1)))

    assert StreamerReport.objects.get(pk=report.pk).created_by is None


def test_the_last_report_time_is_our_clock_and_not_the_carriers(carrier: Carrier, device: Device) -> None:
    carrier.received = RECEIVED - timedelta(days=3000)

    carrier.upload(signed_list(device, rows(1)), now=NOW)

    assert Device.objects.get(pk=device.pk).last_report_on == NOW


def test_a_dictionary_is_taken_by_its_extension(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(dictionary(device), name="report.json")

    assert report.object_key.endswith(".json")
    assert (report.streamer.index, report.count, report.device_sent_timestamp) == (256, 1, None)


def test_the_same_file_again_is_another_report(carrier: Carrier, device: Device) -> None:
    data = signed_list(device, rows(1))

    first, second = carrier.upload(data), carrier.upload(data)

    assert first.pk != second.pk
    assert first.object_key != second.object_key


@pytest.mark.parametrize(
    ("given", "kept", "extension"),
    [
        ("report.bin", "report.bin", ".bin"),
        ("/data/user/0/app/files/report.BIN", "report.BIN", ".bin"),
        ("C:\\reports\\a.b\\report", "report", ".bin"),
        ("report", "report", ".bin"),
        (".bin", ".bin", ".bin"),
        ("folder.json/", "", ".bin"),
        ("x" * 300 + ".bin", "x" * 116 + ".bin", ".bin"),
    ],
)
def test_a_file_name_is_kept_without_its_folders(
    carrier: Carrier, device: Device, given: str, kept: str, extension: str
) -> None:
    """The worker detects the format from the stored name, and must find the same one."""
    report = carrier.upload(signed_list(device, rows(1)), name=given)

    stored = StreamerReport.objects.get(pk=report.pk)
    assert stored.file_name == kept
    assert stored.object_key.endswith(f"{report.pk}{extension}")
    process_report(report_id=str(report.pk))
    assert StreamerReport.objects.get(pk=report.pk).status == StreamerReport.Status.STORED


@pytest.mark.parametrize("kind", [SignatureKind.USER_KEY, SignatureKind.DEVICE_KEY])
def test_a_report_that_is_signed_with_a_key_of_the_device_is_taken(
    carrier: Carrier, device: Device, kind: SignatureKind
) -> None:
    root = bytes(range(32))
    of = {
        SignatureKind.USER_KEY: DeviceKey.Kind.REPORT_USER,
        SignatureKind.DEVICE_KEY: DeviceKey.Kind.REPORT_DEVICE,
    }
    set_report_key(device=device, kind=of[kind], root_key=root, by=None)

    report = carrier.upload(signed(device, kind, root))

    assert report.count == 1


def test_a_report_as_large_as_the_limit_is_taken(
    carrier: Carrier, device: Device, settings: Settings
) -> None:
    data = signed_list(device, rows(1, 2, 3))
    settings.REPORT_MAX_BYTES = len(data)

    carrier.upload(data)

    assert StreamerReport.objects.get().size_bytes == len(data)


# What it costs


def test_an_upload_of_a_known_streamer_takes_few_queries(carrier: Carrier, device: Device) -> None:
    """The gate with the streamer, and the report; the device's last report is recorded every few
    seconds only."""
    data = signed_list(device, rows(*range(1, 101)))
    carrier.upload(data)

    with CaptureQueriesContext(connection) as queries:
        carrier.upload(data, now=NOW + timedelta(seconds=1))

    assert statements(queries) == ["EXECUTE"] * 2


def test_the_first_upload_of_a_streamer_takes_a_few_more(carrier: Carrier, device: Device) -> None:
    with CaptureQueriesContext(connection) as queries:
        carrier.upload(signed_list(device, rows(1)))

    assert len(statements(queries)) <= 7


def statements(queries: CaptureQueriesContext) -> list[str]:
    """Without the savepoints of the test's own transaction."""
    words = [query["sql"].split()[0] for query in queries.captured_queries]
    return [word for word in words if word not in {"SAVEPOINT", "RELEASE"}]
