"""Reports written by the services directly, without upload and queue."""

import uuid
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from django.db import connections

from server.apps.devices.models import Device
from server.apps.streams.services.reports.rows import ReportStreams, WriteReport
from server.apps.streams.services.reports.writing import StoredReadings, write_report
from server.apps.streams.services.streams import stream_writers
from server.apps.streams.store.batch import EventData
from server.lib.formats import NOT_GIVEN, READING, Event, Header, Report, Row, SignatureKind
from server.lib.instants import us_of

NOON: Final = datetime(2021, 6, 1, 12, 0, tzinfo=UTC)
UPTIME_S: Final = 3600
BOOT: Final = NOON - timedelta(seconds=UPTIME_S)
IO_1: Final = 0x5001
REBOOT: Final = 0x5C00


def row(id: int, *, at: int = 0, value: int = 0, lid: int = IO_1) -> Row:
    """`at`: seconds after the boot, which was an hour before noon."""
    return lid, id, at, value


@dataclass
class Sender:
    """A streamer of a device, as in the stream-data database."""

    device: Device
    streamer_key: int = 1
    shared_lids: AbstractSet[int] = field(default_factory=set)
    selector: int = 0xD7FF
    other_streamers: Sequence[int] = ()

    def send(
        self,
        *rows: Row,
        events: Sequence[Event] = (),
        given: Sequence[datetime | None] | None = None,
        received: datetime = NOON,
        sent_s: int | None = UPTIME_S,
        report_id: uuid.UUID | None = None,
        own_id: int = 1,
    ) -> StoredReadings:
        """Write one report: a dictionary if it has `events` or `given` times, else a signed list.
        `own_id`: the report's id."""
        report = _report(self.device, rows, events, given, sent_s)
        report = replace(report, header=replace(report.header, report_id=own_id, selector=self.selector))
        lids = {lid for lid, *_ in rows} | {event.lid for event in events}
        assert self.device.project_id is not None
        writers = stream_writers(device_id=self.device.pk, project_id=self.device.project_id, lids=lids)
        streams = ReportStreams(writers, self.shared_lids & lids, self.other_streamers)
        return write_report(
            WriteReport(
                report_id=report_id or uuid.uuid4(),
                device_id=self.device.pk,
                streamer_key=self.streamer_key,
                report=report,
                received=received,
                find_streams=lambda: streams,
                event_places=[
                    EventData(object_key=f"events/{event.reading_id}" if event.data else None)
                    for event in events
                ],
            )
        )


def _report(
    device: Device,
    rows: Sequence[Row],
    events: Sequence[Event],
    given: Sequence[datetime | None] | None,
    sent_s: int | None,
) -> Report:
    dictionary = bool(events) or given is not None
    header = Header(
        format="dictionary" if dictionary else "signed-list",
        device_id=device.pk,
        report_id=1,
        sent_s=sent_s,
        streamer_index=0,
        selector=0xD7FF,
        lowest_id=0,
        highest_id=0,
        signature=SignatureKind.NONE if dictionary else SignatureKind.HASH,
        count=len(rows) + len(events),
    )
    readings = np.array([(lid, 0, id, at, value) for lid, id, at, value in rows], dtype=READING)
    given_us = [NOT_GIVEN if moment is None else us(moment) for moment in given or [None] * len(rows)]
    return Report(header, readings, np.array(given_us, dtype=np.int64) if dictionary else None, tuple(events))


def event(id: int, *, lid: int = IO_1, summary: int = 0, large: bool = False) -> Event:
    data: dict[str, object] | None = {"x": [1, 2]} if large else None
    return Event(
        lid=lid, reading_id=id, raw_time=None, given_us=us(NOON), extra_data={"n": summary}, data=data
    )


def us(moment: datetime) -> int:
    return us_of(moment)


def rows_in(table: str, columns: str = "*", order: str = "1") -> list[tuple[object, ...]]:
    """Return stored rows by plain SQL."""
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {order}")
        found: list[tuple[object, ...]] = cursor.fetchall()
    return found


def stored_ids() -> list[int]:
    return [int(str(reading_id)) for (reading_id,) in rows_in("reading", "seq")]
