"""Readings in the stream-data database, stored as the worker stores them."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np

from server.apps.devices.models import Device
from server.apps.streams.services.reports.rows import ReportStreams, WriteReport
from server.apps.streams.services.reports.writing import write_report
from server.apps.streams.services.streams import stream_writers
from server.lib.formats import NOT_GIVEN, READING, Header, Report, SignatureKind
from server.lib.instants import us_of

IO_1: Final = 0x5001
_UPTIME_S: Final = 1000


class Given(NamedTuple):
    """A reading with its time. None: at an uptime of `_UPTIME_S`, which is when the report is
    received."""

    id: int
    at: datetime | None
    word: int
    lid: int = IO_1


def store_readings(device: Device, readings: Sequence[Given], *, received: datetime) -> None:
    """Store readings as one dictionary report (which can have times) of a new streamer."""
    rows = [(r.lid, 0, r.id, _UPTIME_S, r.word) for r in readings]
    ids = [r.id for r in readings]
    header = Header(
        format="dictionary",
        device_id=device.pk,
        report_id=1,
        sent_s=_UPTIME_S,
        streamer_index=0,
        selector=0xD7FF,
        lowest_id=min(ids),
        highest_id=max(ids),
        signature=SignatureKind.NONE,
        count=len(rows),
    )
    given_us = [NOT_GIVEN if r.at is None else us_of(r.at) for r in readings]
    writers = stream_writers(
        device_id=device.pk, project_id=device.project_id or uuid.UUID(int=0), lids={r.lid for r in readings}
    )
    write_report(
        WriteReport(
            report_id=uuid.uuid4(),
            device_id=device.pk,
            streamer_key=uuid.uuid4().int % 2**62,
            report=Report(header, np.array(rows, dtype=READING), np.array(given_us, dtype=np.int64), ()),
            received=received,
            find_streams=lambda: ReportStreams(writers),
            event_places=(),
        )
    )
