"""Archiving: what a device measured until now becomes a data block, and the device begins anew.

See docs/decisions/0005-archiving-relabels-streams.md.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors import require
from server.apps.accounts.services import Progress, Verb, creator_of, note_change, start_operation
from server.apps.devices.models import Device, DeviceState
from server.apps.devices.services import archive_belongings, busy_device, make_busy, make_idle
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.operations import finish_and_mail
from server.apps.streams.models import DataBlock, DataMask, StreamId
from server.apps.streams.services.relabelling import live_streams, note, rename_notes, settle
from server.core.errors import Conflict
from server.lib.slugs import BlockSlug, StreamSlug

_MOST_BLOCKS = 0xFFFF


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What the device is when it is done; without a label it keeps its own."""

    state: DeviceState = DeviceState.ACTIVE
    label: str = ""


@transaction.atomic
def archive_device(
    *,
    device: Device,
    title: str,
    by: Account,
    description: str = "",
    after: Afterwards = Afterwards(),
    staff: bool = False,
) -> DataBlock:
    """Begins it. Raises Forbidden without `can_create_datablock` and when the device is busy, Conflict when it is in no project."""
    org = check_archive(device, by, staff=staff)
    make_busy(device=device, state=DeviceState.ARCHIVING)
    block = _next_block(device, org, title=title, description=description, by=by)
    operation = start_operation(
        kind=jobs.ArchiveDevice.action,
        org=org,
        target=device.slug,
        by=by,
        job=lambda pid: jobs.ArchiveDevice(
            pid=pid, device=device.pk, block=block.slug, state=after.state, label=after.label
        ),
    )
    block.pid = operation.pk
    block.save(update_fields=["pid"])
    note_change(
        org=org,
        kind="data-block",
        ref=block.slug,
        verb=Verb.CREATED,
        event="archive-device",
        by=by,
        audited=True,
    )
    return block


def check_archive(device: Device, by: Account, *, staff: bool) -> Org:
    """Whose it is."""
    org = device.org
    if device.project_id is None or org is None:
        raise Conflict("The device is in no project.", field="device")
    require(by, "can_create_datablock", org, staff=staff)
    return org


def _next_block(device: Device, org: Org, *, title: str, description: str, by: Account) -> DataBlock:
    """The device is locked, so its highest number stays the highest."""
    highest = DataBlock.objects.filter(device=device).aggregate(highest=Max("block"))["highest"] or 0
    if highest >= _MOST_BLOCKS:
        raise Conflict("The device has no number left for another archive.", field="device")
    number = highest + 1
    return DataBlock.objects.create(
        slug=str(BlockSlug(device=device.pk, block=number)),
        block=number,
        device=device,
        org=org,
        sg_id=device.sg_id,
        title=title,
        description=description,
        created_by=by,
    )


def carry_out_archive(job: jobs.ArchiveDevice, told: Progress) -> None:
    """For the worker. Raises Unavailable when the stream-data database is away."""
    settle(job.device)
    told(50, "No report is on its way any more.")
    with transaction.atomic():
        device = busy_device(job.device)
        block = (
            DataBlock.objects.select_for_update(of=("self",))
            .select_related("org")
            .filter(slug=job.block)
            .first()
        )
        if device is None or block is None or block.completed_on is not None:
            return
        _relabel(device, block)
        archive_belongings(device=device.slug, block=block.slug)
        DataMask.objects.filter(target=device.slug).update(target=block.slug)
        block.completed_on = timezone.now()
        block.save(update_fields=["completed_on"])
        make_idle(
            number=device.pk, state=job.state, label=job.label, active=job.state != DeviceState.INACTIVE
        )
        _tell(device, block, job.pid)


def _relabel(device: Device, block: DataBlock) -> None:
    """Two statements for each stream at most, whatever it holds."""
    streams = list(live_streams(device))
    new_slugs = {
        stream.slug: str(StreamSlug(0, device.pk, stream.var_lid, block=block.block)) for stream in streams
    }
    fresh = [_begun_anew(stream) for stream in streams]
    for stream in streams:
        stream.slug, stream.project, stream.block = new_slugs[stream.slug], None, block
    StreamId.objects.bulk_update(streams, ["slug", "project", "block"], batch_size=100)
    StreamId.objects.bulk_create(fresh)
    _derive_anew(streams, fresh)
    rename_notes(new_slugs | {device.slug: block.slug})


def _begun_anew(stream: StreamId) -> StreamId:
    """The same stream with a key of its own, and so without a row."""
    fresh = StreamId()
    for field in StreamId._meta.concrete_fields:
        if field.name not in {"key", "id", "created_on", "derived_stream"}:
            setattr(fresh, field.attname, getattr(stream, field.attname))
    return fresh


def _derive_anew(archived: list[StreamId], fresh: list[StreamId]) -> None:
    """A stream that was derived from one of these is derived from its successor."""
    successors = {old.key: new for old, new in zip(archived, fresh, strict=True)}
    derived = []
    for old, new in zip(archived, fresh, strict=True):
        if old.derived_stream_id is not None and old.derived_stream_id in successors:
            new.derived_stream = successors[old.derived_stream_id]
            derived.append(new)
    StreamId.objects.bulk_update(derived, ["derived_stream"])


def _tell(device: Device, block: DataBlock, pid: str) -> None:
    by = creator_of(pid)
    note(
        device.slug,
        block.org,
        f"What was measured until now was archived as {block.slug}: {block.title}",
        by=by,
    )
    note_change(org=block.org, kind="data-block", ref=block.slug, verb=Verb.CHANGED, event="archived", by=by)
    context = {"block": block.slug, "title": block.title, "device": device.slug}
    finish_and_mail(pid, f"Archived as {block.slug}.", template="datablock/archived", context=context)
