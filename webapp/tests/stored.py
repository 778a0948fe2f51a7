"""Uploading and processing reports with recent readings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.services.receiving import Upload, receive_report
from server.lib.formats import encode_signed_list

IO_1: Final = 0x5001
_UPTIME_S: Final = 100_000


def report_of(device: Device, words: Sequence[int], *, first_id: int = 1, every_s: int = 60) -> bytes:
    """Returns a report with raw words of IO 1; the last one is as old as the report."""
    last = len(words) - 1
    rows = [(IO_1, first_id + at, _UPTIME_S - (last - at) * every_s, word) for at, word in enumerate(words)]
    return encode_signed_list(
        device_id=device.pk,
        report_id=first_id,
        sent_s=_UPTIME_S,
        streamer_index=0,
        selector=0xD7FF,
        readings=rows,
    )


def upload_report(
    device: Device, by: Account, data: bytes, *, received: datetime | None = None
) -> StreamerReport:
    """Upload a report, without processing it."""
    now = timezone.now()
    return receive_report(Upload(by, data, "report.bin", received or now), now=now)


def store(
    device: Device, by: Account, words: Sequence[int], *, first_id: int = 1, ago: timedelta = timedelta()
) -> StreamerReport:
    """Upload and process a report. `ago` is the age of its last reading."""
    report = upload_report(
        device, by, report_of(device, words, first_id=first_id), received=timezone.now() - ago
    )
    process_report(report_id=str(report.pk))
    return report
