"""Check, store and queue an upload. The hot path of the web process: docs/hotpaths.md has its
budget."""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import FilteredRelation, Q, QuerySet

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import (
    Sender,
    may_upload,
    uploadable_device_for,
    uploadable_devices,
)
from server.apps.devices.selectors.keys import report_keys_of
from server.apps.devices.services.devices import touch_last_report
from server.apps.ingest import jobs
from server.apps.ingest.models import RefusedUpload, Streamer, StreamerReport
from server.apps.ingest.services.quotas import count_upload
from server.core.compiled import EXAMPLES, CompiledInsert, CompiledLookup, CompiledPairLookup
from server.core.errors import FieldlineError, Invalid, NotFound
from server.core.metrics import UPLOADS
from server.core.queue.with_statement import enqueue_with_statement
from server.core.small_objects import PREFIX as SMALL_PREFIX
from server.core.small_objects import is_small, small_object_statement
from server.core.storage import delete_object, put_object, refuse_when_nearly_full
from server.lib import formats
from server.lib.slugs import StreamerSlug

_ACCEPTED: Final = UPLOADS.labels("taken", "")
_FUTURE_TOLERANCE: Final = timedelta(days=1)  # a carrier's clock may be off by a time zone, not by a year
_SYSTEM_SELECTOR: Final = 0x5FFF
REFUSED_KEPT_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was uploaded. `received`: when the carrier got it from the device. `sender`:
    the caller."""

    sender: Sender
    data: bytes
    file_name: str
    received: datetime

    @property
    def account(self) -> Account | None:
        return self.sender if isinstance(self.sender, Account) else None


class RefusedReport(Invalid):
    """The report cannot be taken."""

    def __init__(
        self, message: str, *, reason: str, offset: int | None = None, field: str | None = None
    ) -> None:
        super().__init__(message, field=field)
        self.reason = reason
        self.offset = offset


def receive_report(upload: Upload, *, now: datetime) -> StreamerReport:
    """Raises RefusedReport (400; the file is kept with its reason), NotFound (404), QuotaExceeded
    (429), StorageFull (507), Unavailable (503)."""
    try:
        header, device, streamer = _check_upload(upload, now)
    except RefusedReport as error:
        _store_refused(upload, error)
        raise
    if device.org_id is not None:
        count_upload(device.org_id, len(upload.data), now=now)
    streamer = _streamer_of(device, header, streamer)
    report = _report(upload, header, streamer, now)
    report.flaws = header.flaws
    job = jobs.ProcessReport(report_id=str(report.pk), streamer=streamer.slug)
    if is_small(report.object_key):
        _store_in_rows(report, upload.data, job, org=device.org_id)
    else:
        _store_as_object(report, upload.data, job, org=device.org_id)
    touch_last_report(device=device, on=now)
    _ACCEPTED.inc()
    return report


def refuse_upload(upload: Upload, *, reason: str, message: str) -> None:
    """Keep an upload that cannot be parsed at all, so that people who look for a silent device find
    it."""
    _store_refused(upload, RefusedReport(message, reason=reason))


def _check_upload(upload: Upload, now: datetime) -> tuple[formats.Header, Device, Streamer | None]:
    """Returns what the report says of itself, its device, and its streamer if there is one yet."""
    if len(upload.data) > settings.REPORT_MAX_BYTES:
        raise RefusedReport(f"A report has at most {settings.REPORT_MAX_BYTES} bytes.", reason="too-large")
    if upload.received - now > _FUTURE_TOLERANCE:
        raise RefusedReport("The timestamp is more than a day in the future.", reason="timestamp-in-future")
    try:
        header = formats.inspect(
            upload.data,
            upload.file_name,
            # The gate comes first: a sender must not learn whether a foreign device has a key.
            lambda number: report_keys_of(uploadable_device_for(upload.sender, number).pk),
        )
    except formats.FormatError as error:
        raise RefusedReport(
            str(error), reason=error.reason, offset=error.offset, field=error.field
        ) from error
    device, streamer = _find_device(upload.sender, header)
    if not device.claimed:
        raise RefusedReport(
            "The device is not claimed: it is in no project yet.", reason="device-not-claimed"
        )
    return header, device, streamer


def _find_device(sender: Sender, header: formats.Header) -> tuple[Device, Streamer | None]:
    """The gate, which for a person brings the streamer along. Raises NotFound."""
    if not isinstance(sender, Account):
        device = uploadable_device_for(sender, header.device_id)
        return device, _STREAMER.first(device.pk, header.streamer_index)
    found = _DEVICE_AND_STREAMER.first(sender.pk, header.device_id, header.streamer_index)
    if found is None:
        raise NotFound()
    return found


def _devices_with_streamers(user_id: int, number: int, index: int) -> QuerySet[Device]:
    streamer = FilteredRelation("streamers", condition=Q(streamers__index=index))
    return uploadable_devices(user_id).filter(pk=number).annotate(related=streamer)


_INSERT_REPORT = CompiledInsert(StreamerReport)
_STREAMER = CompiledLookup(
    Streamer, lambda device_id, index: Streamer.objects.filter(device_id=device_id, index=index), *EXAMPLES
)
_DEVICE_AND_STREAMER = CompiledPairLookup(Device, Streamer, _devices_with_streamers, *EXAMPLES, 1_333_333_333)


def _streamer_of(device: Device, header: formats.Header, streamer: Streamer | None) -> Streamer:
    """Returns the streamer, created or with the selector that it has now."""
    if streamer is not None and streamer.selector == header.selector:
        return streamer
    if streamer is not None:
        streamer.selector, streamer.is_system = header.selector, header.selector == _SYSTEM_SELECTOR
        streamer.save(update_fields=["selector", "is_system"])
        return streamer
    try:
        with transaction.atomic():
            return Streamer.objects.create(
                slug=str(StreamerSlug(device.pk, header.streamer_index)),
                device=device,
                index=header.streamer_index,
                selector=header.selector,
                is_system=header.selector == _SYSTEM_SELECTOR,
                process_engine_ver=device.sg.report_processing_engine_ver if device.sg is not None else 2,
            )
    except IntegrityError:  # another upload of the same streamer was faster
        return Streamer.objects.get(device=device, index=header.streamer_index)


def _report(upload: Upload, header: formats.Header, streamer: Streamer, now: datetime) -> StreamerReport:
    report_id = uuid.uuid4()
    name = _base_name(upload.file_name)
    return StreamerReport(
        id=report_id,
        streamer=streamer,
        original_first_id=header.lowest_id,
        original_last_id=header.highest_id,
        sent_timestamp=upload.received,
        device_sent_timestamp=header.sent_s,
        incremental_id=header.report_id,
        count=header.count,
        size_bytes=len(upload.data),
        file_name=name[-120:],
        object_key=_object_key(report_id, name, len(upload.data), now),
        created_by=upload.account,
    )


def _store_in_rows(
    report: StreamerReport, data: bytes, job: jobs.ProcessReport, *, org: uuid.UUID | None
) -> None:
    """The bytes, the report and its job in one transaction, with one wait for the disk."""
    with suppress(OSError):  # a store that cannot be read is not full, and not needed here
        refuse_when_nearly_full()

    def statement(cursor: CursorWrapper) -> str:
        bytes_first = small_object_statement(cursor, report.object_key, data)
        return f"{bytes_first};{_INSERT_REPORT.bind(cursor, report)}"

    enqueue_with_statement(job, statement, org=org)


def _store_as_object(
    report: StreamerReport, data: bytes, job: jobs.ProcessReport, *, org: uuid.UUID | None
) -> None:
    # Bytes first, then the report row and its job in one transaction: a crash in between leaves an
    # object without a row, never a row without bytes.
    put_object(report.object_key, data)
    try:
        enqueue_with_statement(job, lambda cursor: _INSERT_REPORT.bind(cursor, report), org=org)
    except (OperationalError, InterfaceError):
        raise  # perhaps only the answer to the commit was lost: then the row exists, and needs its bytes
    except Exception:
        delete_object(report.object_key)
        raise


def _object_key(report_id: uuid.UUID, file_name: str, size_bytes: int, now: datetime) -> str:
    extension = file_name.rpartition(".")[2].lower() if "." in file_name else "bin"
    if size_bytes <= settings.SMALL_REPORT_BYTES:
        return f"{SMALL_PREFIX}{report_id}.{extension}"
    return f"reports/{now:%Y/%m/%d}/{report_id}.{extension}"


def _base_name(file_name: str) -> str:
    """Returns the name without folders of any system: the worker detects the format from it, and
    must find the same one."""
    return file_name.replace("\\", "/").rpartition("/")[2]


def _store_refused(upload: Upload, error: RefusedReport) -> None:
    """For inspection, with the first `REFUSED_KEPT_BYTES`; nothing of a sender who may upload for
    no device, for whom it would only fill the disk. An object store that is full or unavailable
    must not turn a clear 400 into another status."""
    UPLOADS.labels("refused", error.reason).inc()
    if not may_upload(upload.sender):
        return
    refusal_id = uuid.uuid4()
    key = f"refused/{refusal_id}"
    try:
        put_object(key, upload.data[:REFUSED_KEPT_BYTES])
    except FieldlineError:
        key = ""
    RefusedUpload.objects.create(
        id=refusal_id,
        device=_device_of_refused(upload),
        reason=error.reason,
        message=error.message[:300],
        offset=error.offset,
        file_name=_base_name(upload.file_name)[-120:],
        size_bytes=len(upload.data),
        object_key=key,
        created_by=upload.account,
    )


def _device_of_refused(upload: Upload) -> Device | None:
    """Returns the device that the bytes name, if the sender may upload for it."""
    if isinstance(upload.sender, Device):
        return upload.sender
    number = formats.claimed_device_id(upload.data, upload.file_name)
    if number is None:
        return None
    try:
        return uploadable_device_for(upload.sender, number)
    except NotFound:
        return None
