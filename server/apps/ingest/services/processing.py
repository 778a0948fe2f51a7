"""Turn a stored report into readings. The hot path of the worker: docs/hotpaths.md has its
budget."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery

from server.apps.devices.models import DeviceState
from server.apps.devices.selectors.keys import report_keys_of
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.services.equal_reports import share_bytes
from server.apps.ingest.services.versions import record_reported_versions
from server.apps.streams.selectors.data import LedgerRow, ledger_of
from server.apps.streams.services.event_data import delete_event_objects, pack_event_data
from server.apps.streams.services.reports.marks import mark_lid
from server.apps.streams.services.reports.rows import ReportStreams, WriteReport
from server.apps.streams.services.reports.writing import StoredReadings, write_report
from server.apps.streams.services.streams import stream_writers
from server.core import live
from server.core.compiled import CompiledQuery, CompiledUpdate
from server.core.errors import Unavailable
from server.core.metrics import READINGS
from server.core.small_objects import SmallObject
from server.core.storage import get_object
from server.lib import formats
from server.lib.formats.selector import REBOOT_STREAM, takes
from server.lib.timeseries import policy_of


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What a report added: `stored` new readings and events, on these streams (slugs)."""

    report_id: uuid.UUID
    device_slug: str
    project_slug: str
    org_id: uuid.UUID | None
    stored: int
    stream_slugs: tuple[str, ...]


class _Report(NamedTuple):
    """What the job needs of a report's row and of those it belongs to. A hot path: one query, no
    model instances."""

    id: uuid.UUID
    object_key: str
    file_name: str
    received: datetime
    streamer_id: int
    has_stored: bool
    device_id: int
    device_slug: str
    org_id: uuid.UUID | None
    project_id: uuid.UUID | None
    project_slug: str | None
    device_state: str
    saved_engine: int
    engine: int | None
    """Of the device's sensor graph, if it has one."""
    other_streamers: list[int]
    """Of the device, as far as they are there yet."""
    content: memoryview | None
    """The bytes, if they are a row and not a file."""


_COLUMNS: Final = (
    *("id", "object_key", "file_name", "sent_timestamp", "streamer_id", "streamer__has_stored"),
    *("streamer__device_id", "streamer__device__slug", "streamer__device__org"),
    *("streamer__device__project_id", "streamer__device__project__slug", "streamer__device__state"),
    *("streamer__process_engine_ver", "streamer__device__sg__report_processing_engine_ver"),
)


_IDLE: Final = (DeviceState.INACTIVE, DeviceState.ACTIVE)
_STORED: Final = READINGS.labels("stored")
_DUPLICATE: Final = READINGS.labels("duplicate")
_REFUSED: Final = READINGS.labels("refused")
_BUSY: Final = "The device is busy: its reports are stored when it is done."


def process_report(*, report_id: str) -> StoredReport | None:
    """Safe to run twice. Returns None when there is nothing to do: the report is gone, or can never
    be read.

    Raises Unavailable when a database or the object store is not reachable, and while the device is
    busy.
    """
    report = next(map(_Report._make, _REPORTS.rows(uuid.UUID(report_id))), None)
    if report is None:
        return None
    if report.device_state not in _IDLE:
        raise Unavailable(_BUSY)
    if report.project_id is None or report.project_slug is None:
        _fail(report, "The device was unclaimed before its report was processed.")
        return None
    decoded = _decoded(report)
    if decoded is None:
        return None
    policy = policy_of(report.engine)
    _save_engine(report, policy.engine)
    lids = _local_ids(decoded)
    pack = pack_event_data([event.data for event in decoded.events], name=str(report.id))
    pack.store()  # outside of the transaction, in which the device's other reports would wait for the disk
    written = write_report(
        WriteReport(
            report_id=report.id,
            device_id=report.device_id,
            streamer_key=report.streamer_id,
            report=decoded,
            received=report.received,
            find_streams=lambda: _streams(report, lids, _marks(decoded)),
            event_places=pack.places,
            known_streamers=report.other_streamers,
            policy=policy,
        )
    )
    if pack.object_key and all(event.object_key != pack.object_key for event in written.events):
        delete_event_objects(
            {pack.object_key}
        )  # a repeated report, unless an earlier run of this job stored its events
    record_reported_versions(report.device_id, decoded, written, received=report.received)
    _count_readings(written.ledger)
    _finish(report, written)
    keys = {*np.unique(written.readings.stream_key).tolist(), *(event.stream_key for event in written.events)}
    keys |= written.moved
    return StoredReport(
        report_id=report.id,
        device_slug=report.device_slug,
        project_slug=report.project_slug,
        org_id=report.org_id,
        stored=written.ledger.stored,
        stream_slugs=tuple(sorted(writer.slug for writer in written.writers.values() if writer.key in keys)),
    )


def _streams(report: _Report, lids: set[int], marks: set[int]) -> ReportStreams:
    """Called when the device's writers are locked. Raises Unavailable when the report must wait."""
    # Since the report was read the device may have been archived, moved or reset, or has got
    # another streamer: what was true then may not be any more.
    found = _STILL_TO_STORE.rows(report.id, report.project_id) if report.project_id else []
    if report.project_id is None or not found:
        raise Unavailable(_BUSY)
    [(other_selectors, other_streamers)] = found
    return ReportStreams(
        stream_writers(device_id=report.device_id, project_id=report.project_id, lids=lids | marks),
        shared_lids=_shared(lids, other_selectors),
        other_streamers=other_streamers,
    )


def _still_to_store(report_id: uuid.UUID, project_id: uuid.UUID) -> QuerySet[StreamerReport, Any]:
    """Returns the selectors and the keys of the other streamers of the device."""
    others = _other_streamers()
    return (
        StreamerReport.objects.filter(
            pk=report_id, streamer__device__project_id=project_id, streamer__device__state__in=_IDLE
        )
        .order_by()
        .values_list(ArraySubquery(others.values("selector")), ArraySubquery(others.values("pk")))
    )


def _other_streamers() -> QuerySet[Streamer]:
    """For a subquery of reports: the other streamers of the device."""
    of_device = Streamer.objects.filter(device=OuterRef("streamer__device"))
    return of_device.exclude(pk=OuterRef("streamer")).order_by()


_STILL_TO_STORE: Final = CompiledQuery(_still_to_store, uuid.UUID(int=0), uuid.UUID(int=1))


def _reports(report_id: uuid.UUID) -> QuerySet[StreamerReport, Any]:
    content = Subquery(SmallObject.objects.filter(pk=OuterRef("object_key")).values("content"))
    columns = (*_COLUMNS, ArraySubquery(_other_streamers().values("pk")), content)
    return StreamerReport.objects.filter(pk=report_id).order_by().values_list(*columns)


_REPORTS: Final = CompiledQuery(_reports, uuid.UUID(int=0))


def _decoded(report: _Report) -> formats.Report | None:
    """Returns None when it can never be read; the report's row has the reason."""
    try:
        data = get_object(report.object_key) if report.content is None else bytes(report.content)
        return formats.decode(data, report.file_name, report_keys_of)
    except FileNotFoundError:
        # The upload was acknowledged when the bytes were on the disk, so they were lost since, and
        # a retry cannot help.
        _fail(report, "The bytes of the report are not on the object store.")
    except formats.FormatError as error:
        _fail(report, str(error))
    return None


def _local_ids(report: formats.Report) -> set[int]:
    return {*np.unique(report.readings["lid"]).tolist(), *(event.lid for event in report.events)}


def _marks(report: formats.Report) -> set[int]:
    """Returns the local variable id of the mark that a report leaves beside its readings; none
    without readings."""
    lid = mark_lid(report)
    return set() if lid is None or not len(report.readings) else {lid}


def _save_engine(report: _Report, engine: int) -> None:
    """The present sensor graph decides: the device may have got another one, or it was changed."""
    if engine != report.saved_engine:
        Streamer.objects.filter(pk=report.streamer_id).update(process_engine_ver=engine)


def _shared(lids: set[int], other_selectors: list[int]) -> set[int]:
    """Returns the local variable ids that another streamer of the device may send too. Reboot marks
    always are: the user and the system streamer both bring them."""
    return {
        lid
        for lid in lids
        if lid == REBOOT_STREAM or any(takes(selector, lid) for selector in other_selectors)
    }


def _count_readings(ledger: LedgerRow) -> None:
    """For `/metrics`. A job that runs twice counts its readings again, as duplicates."""
    _STORED.inc(ledger.stored)
    _DUPLICATE.inc(ledger.duplicate)
    _REFUSED.inc(ledger.refused)


def _finish(report: _Report, written: StoredReadings) -> None:
    """By the ledger: when this run stored nothing new, an earlier run of the same job may have."""
    ledger = written.ledger
    if not ledger.stored:
        ledger = ledger_of([report.id]).get(report.id, ledger)
    if not ledger.stored:
        share_bytes(report.id)
    _END.run(report.id, StreamerReport.Status.STORED, "", ledger.first_id, ledger.last_id)
    if written.last_id and not report.has_stored:
        Streamer.objects.filter(pk=report.streamer_id).update(has_stored=True)


_END: Final = CompiledUpdate(StreamerReport, "status", "failure", "actual_first_id", "actual_last_id")


def _fail(report: _Report, why: str) -> None:
    StreamerReport.objects.filter(pk=report.id).update(status=StreamerReport.Status.FAILED, failure=why[:300])


def push_report(stored: StoredReport) -> None:
    """Live push: open pages learn that something new is there, and read it with their own rights
    and units. Never fails: a page that got no push asks again after a while.
    """
    message = {
        "device": stored.device_slug,
        "streams": list(stored.stream_slugs),
        "report": str(stored.report_id),
        "stored": stored.stored,
    }
    for channel in (f"device:{stored.device_slug}", f"project:{stored.project_slug}"):
        live.publish(channel, message)
