"""Read a stored report again, by the rules and units of today: store what is missing, change what
differs."""

import uuid
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper

from server.apps.devices.models import Device
from server.apps.devices.selectors.keys import report_keys_of
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.selectors import newest_stored_before, report_of_device
from server.apps.streams.services.event_data import EventDataPack, pack_event_data
from server.apps.streams.services.relabelling import live_streams
from server.apps.streams.services.repairing import Change
from server.apps.streams.services.reports.rows import ReportStreams, WriteReport
from server.apps.streams.services.rereading import PreviousReport, find_reread_changes
from server.apps.streams.services.streams import StreamWriter, known_writers
from server.core.errors import Conflict, Invalid
from server.core.storage import get_object
from server.lib import formats


def find(cursor: CursorWrapper, device: Device, arguments: Mapping[str, Any]) -> Change:
    """`report`: its id. Raises Invalid for a report of another device, Conflict when it was never
    stored or its file is gone."""
    report = _report(device, arguments)
    decoded = _decoded(report)
    lids = {*np.unique(decoded.readings["lid"]).tolist(), *(event.lid for event in decoded.events)}
    writers = _writers(device, lids)
    write = WriteReport(
        report_id=report.pk,
        device_id=device.pk,
        streamer_key=report.streamer_id,
        report=decoded,
        received=report.sent_timestamp,
        find_streams=lambda: ReportStreams(writers),
        event_places=_event_data(report, decoded).places,
    )
    return find_reread_changes(
        cursor, write, _previous_report(report), former_stream_keys=_former_stream_keys(device, lids)
    )


def keep_event_data(device: Device, arguments: Mapping[str, Any]) -> None:
    """Put the large parts of events on the object store, before the events are stored. Idempotent:
    the same bytes, the same keys."""
    report = _report(device, arguments)
    _event_data(report, _decoded(report)).store()


def _event_data(report: StreamerReport, decoded: formats.Report) -> EventDataPack:
    return pack_event_data([event.data for event in decoded.events], name=str(report.pk))


def _report(device: Device, arguments: Mapping[str, Any]) -> StreamerReport:
    report = report_of_device(device, uuid.UUID(arguments["report"]))
    if report is None:
        raise Invalid("This device has no such report.", field="report")
    if report.status != StreamerReport.Status.STORED:
        raise Conflict("Only a stored report can be read again.")
    return report


def _decoded(report: StreamerReport) -> formats.Report:
    try:
        return formats.decode(get_object(report.object_key), report.file_name, report_keys_of)
    except FileNotFoundError as error:
        raise Conflict("The bytes of the report are not on the object store any more.") from error
    except formats.FormatError as error:
        raise Conflict(f"The report cannot be read any more: {error}") from error


def _writers(device: Device, lids: set[int]) -> Mapping[int, StreamWriter]:
    """Returns the writers of existing streams: planning creates none."""
    known = known_writers(device)
    return {lid: writer for lid, writer in known.items() if lid in lids}


def _former_stream_keys(device: Device, lids: set[int]) -> frozenset[int]:
    live = live_streams(device).values_list("key", flat=True)
    of_device = device.streams.filter(var_lid__in=lids)
    return frozenset(of_device.values_list("key", flat=True)) - frozenset(live)


def _previous_report(report: StreamerReport) -> PreviousReport | None:
    """Returns the streamer's state before this report was processed; None for its first report, and
    for one that came after newer readings."""
    last = newest_stored_before(report)
    if last is None or last.original_last_id >= report.original_last_id:
        return None
    return PreviousReport(
        last.original_last_id, last.sent_timestamp, last.device_sent_timestamp, last.incremental_id
    )
