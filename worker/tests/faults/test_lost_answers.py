"""The answer to a commit is lost: the caller cannot know whether it was committed, and nothing may
depend on that."""

from pathlib import Path

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from pytest_django import Settings

from chaos.harness.lossy_line import lossy_line
from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.services.receiving import Upload, receive_report
from server.apps.ingest.tests.sent import RECEIVED, acknowledged, is_kept, rows, signed_list, stored_ids
from server.core.errors import Unavailable
from server.core.tests.committed import committed

__all__ = ["committed"]  # a lost connection takes a test's transaction with it

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

CONNECTION_ERRORS = (OperationalError, InterfaceError, Unavailable)


@pytest.fixture(autouse=True)
def objects(settings: Settings, tmp_path: Path) -> None:
    store = {"BACKEND": "server.core.storage.DurableFileStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": store}


def bring(device: Device, sender: Account, *ids: int) -> StreamerReport:
    upload = Upload(sender, signed_list(device, rows(*ids)), "report.bin", RECEIVED)
    return receive_report(upload, now=timezone.now())


@pytest.mark.parametrize("small", [0, 1000], ids=["in a file", "in a row"])
@pytest.mark.parametrize(("queue", "words"), [("postgres", b"process-report"), ("memory", b"COMMIT")])
def test_a_report_that_may_be_committed_keeps_its_bytes(
    settings: Settings, device: Device, bob: Account, queue: str, words: bytes, small: int
) -> None:
    """The sender gets 503 although the report was recorded: it must not be one without bytes."""
    settings.QUEUE_BACKEND, settings.SMALL_REPORT_BYTES = queue, small
    first = bring(device, bob, 1)  # makes the streamer, which is a commit of its own

    with lossy_line("default", words) as line, pytest.raises(CONNECTION_ERRORS):
        bring(device, bob, 2, 3)

    assert line.losses == 1
    [in_doubt] = StreamerReport.objects.exclude(pk=first.pk)
    assert is_kept(in_doubt.object_key)
    for report in (first, in_doubt, bring(device, bob, 2, 3)):
        process_report(report_id=str(report.pk))
    assert stored_ids(device) == [1, 2, 3]
    assert not StreamerReport.objects.exclude(status=StreamerReport.Status.STORED).exists()


def test_a_job_whose_readings_may_be_committed_is_done_again_and_doubles_nothing(
    device: Device, bob: Account
) -> None:
    report = bring(device, bob, 1, 2, 3)

    with lossy_line("streamdata", b"COMMIT") as line, pytest.raises(CONNECTION_ERRORS):
        process_report(report_id=str(report.pk))

    assert line.losses == 1
    process_report(report_id=str(report.pk))
    report.refresh_from_db()
    assert stored_ids(device) == [1, 2, 3]
    assert acknowledged(device) == 3
    assert (report.status, report.actual_last_id) == (StreamerReport.Status.STORED, 3)
