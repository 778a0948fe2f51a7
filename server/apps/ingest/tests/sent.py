"""Reports passed to the services as the API passes them."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.db import connections

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest import jobs
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.services.processing import StoredReport, process_report
from server.apps.ingest.services.receiving import Upload, receive_report
from server.core.queue import current_queue
from server.core.small_objects import SmallObject, is_small
from server.core.storage import delete_object, get_object, put_object
from server.lib.formats import Row, encode_signed_list
from server.lib.timeseries import REPORT_MARKS

RECEIVED: Final = datetime(2021, 6, 1, 12, 0, tzinfo=UTC)
NOW: Final = datetime(2021, 6, 1, 13, 0, tzinfo=UTC)
SENT_S: Final = 3600
IO_1: Final = 0x5001
REBOOT: Final = 0x5C00
USER: Final = 0xD7FF
SYSTEM: Final = 0x5FFF
MARKS: Final = REPORT_MARKS


def row(id: int, *, at: int = 0, value: int = 0, lid: int = IO_1) -> Row:
    return lid, id, at, value


def rows(*ids: int, lid: int = IO_1) -> list[Row]:
    """The id is also the uptime and the word."""
    return [(lid, id, id % 3600, id) for id in ids]


def signed_list(
    device: Device,
    readings: Sequence[Row],
    *,
    index: int = 0,
    selector: int = USER,
    sent_s: int = SENT_S,
    report_id: int = 9,
) -> bytes:
    return encode_signed_list(
        device_id=device.pk,
        report_id=report_id,
        sent_s=sent_s,
        streamer_index=index,
        selector=selector,
        readings=readings,
    )


def dictionary(device: Device, **changes: Any) -> bytes:
    """As JSON; by default one event with a large part."""
    item = {
        "stream": "5020",
        "streamer_local_id": 5,
        "timestamp": "2021-06-01T11:00:00Z",
        "extra_data": {"peak": 7},
        "data": {"x": [1, 2, 3]},
    }
    content = {
        "format": "v100",
        "device": device.pk,
        "streamer_index": 256,
        "streamer_selector": 65535,
        "device_sent_timestamp": 0,
        "lowest_id": 5,
        "highest_id": 5,
        "events": [item],
        "data": [],
    }
    return json.dumps(content | changes).encode()


@dataclass
class Carrier:
    """Uploads reports of a device, as a person or as the device itself."""

    device: Device
    sender: Account | Device
    received: datetime = RECEIVED

    def upload(self, data: bytes, *, name: str = "report.bin", now: datetime = NOW) -> StreamerReport:
        """Without processing it."""
        return receive_report(Upload(self.sender, data, name, self.received), now=now)

    def deliver(self, data: bytes, *, name: str = "report.bin") -> StoredReport | None:
        """Upload and process it."""
        return process(self.upload(data, name=name))


def process(report: StreamerReport) -> StoredReport | None:
    return process_report(report_id=str(report.pk))


def waiting_jobs() -> list[jobs.ProcessReport]:
    """Receives them from this process's queue."""
    queue, found = current_queue(), []
    while taken := queue.receive(most=10, wait_seconds=0, visible_after_seconds=60):
        for delivery in taken:
            assert delivery.message is not None
            found.append(jobs.ProcessReport(**delivery.message.arguments))
            queue.delete(delivery)
    return found


def reading_keys(device: Device) -> list[int]:
    """The streams of what the device sent."""
    return list(device.streams.exclude(var_lid__in=MARKS).values_list("key", flat=True))


def stored_ids(device: Device) -> list[int]:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(
            "SELECT seq FROM reading WHERE stream_key = ANY(%s) ORDER BY seq",
            [reading_keys(device)],
        )
        return [reading_id for (reading_id,) in cursor.fetchall()]


def acknowledged(device: Device, index: int = 0) -> int:
    with connections["streamdata"].cursor() as cursor:
        streamer = Streamer.objects.get(device=device, index=index)
        cursor.execute("SELECT last_id FROM streamer_progress WHERE streamer_key = %s", [streamer.pk])
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def is_kept(key: str) -> bool:
    try:
        return bool(key) and get_object(key) is not None
    except FileNotFoundError:
        return False


def replace_object(key: str, data: bytes) -> None:
    """Put other bytes in the place of those that are kept."""
    delete_object(key)
    if is_small(key):
        SmallObject.objects.create(key=key, content=data)
    else:
        put_object(key, data)


def no_report() -> str:
    return str(uuid.uuid4())


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
