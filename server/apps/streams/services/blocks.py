"""Data blocks: created and filled by archiving, changed, and deleted."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.operations import creator_of
from server.apps.accounts.services.operations import finish_and_mail
from server.apps.activity.models import Operation
from server.apps.activity.services.changes import Verb, record_change
from server.apps.activity.services.operations import ReportProgress, start_audited_operation
from server.apps.devices.models import Device
from server.apps.devices.services.metadata import remove_metadata
from server.apps.streams import jobs
from server.apps.streams.models import DataBlock, StreamId
from server.apps.streams.services.emptying import remove_data
from server.apps.streams.services.relabelling import remove_mask, remove_notes
from server.core.errors import Conflict, Forbidden
from server.lib.slugs import BlockSlug

_MOST_BLOCKS = 0xFFFF


def next_block(device: Device, org: Org, *, title: str, description: str, by: Account) -> DataBlock:
    """Create the next data block of a device. The caller holds the device's lock, so its highest
    block number stays the highest."""
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


def block_to_fill(slug: str) -> DataBlock | None:
    """Return the block, locked; None when it is complete or no longer exists."""
    blocks = DataBlock.objects.select_for_update(of=("self",)).select_related("org")
    return blocks.filter(slug=slug, completed_on=None).first()


def complete_block(block: DataBlock) -> None:
    block.completed_on = timezone.now()
    block.save(update_fields=["completed_on"])


@transaction.atomic
def change_block(*, block: DataBlock, by: Account, changes: Mapping[str, str], staff: bool = False) -> None:
    """Change `title`, `description` or both. Raises Forbidden without `can_access_datablock`."""
    require(by, "can_access_datablock", block.org, staff=staff)
    block.title = changes.get("title", block.title)
    block.description = changes.get("description", block.description)
    block.save(update_fields=["title", "description"])
    record_change(
        org=block.org, kind="data-block", ref=block.slug, verb=Verb.CHANGED, event="change-data-block", by=by
    )


@transaction.atomic
def delete_block(*, block: DataBlock, by: Account, staff: bool = False) -> Operation:
    """Start the deletion of a block. `staff`: the caller is staff and may delete it in any
    organisation.

    Raises Forbidden without `can_delete_datablock`, and while the block is still being filled.
    """
    require(by, "can_delete_datablock", block.org, staff=staff)
    if block.completed_on is None:
        raise Forbidden("The archive is not complete yet. Try again when it is.")
    return start_audited_operation(
        org=block.org,
        kind="data-block",
        target=block.slug,
        by=by,
        job=lambda pid: jobs.DeleteDataBlock(pid=pid, block=block.slug),
    )


def run_block_deletion(job: jobs.DeleteDataBlock, report_progress: ReportProgress) -> None:
    """Delete the block with its data. Called by the worker; may run again. Raises Unavailable."""
    block = DataBlock.objects.select_related("org").filter(slug=job.block).first()
    if block is None:
        return
    streams = list(StreamId.objects.filter(block=block))
    removed = remove_data([stream.key for stream in streams], report_progress=report_progress)
    with transaction.atomic():
        remove_notes([block.slug, *(stream.slug for stream in streams)])
        remove_metadata([block.slug])
        remove_mask(block.slug)
        StreamId.objects.filter(block=block).delete()
        block.delete()
        record_change(
            org=block.org,
            kind="data-block",
            ref=job.block,
            verb=Verb.DELETED,
            event="data-block-deleted",
            by=creator_of(job.pid),
        )
        context = {"block": job.block, "title": block.title}
        finish_and_mail(
            job.pid, f"{removed} readings deleted.", template="datablock/deleted", context=context
        )
