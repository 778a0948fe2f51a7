"""Archive a device: its data becomes a data block, and the device starts again.

See docs/decisions/0005-archiving-relabels-streams.md.
"""

from dataclasses import dataclass

from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.operations import creator_of
from server.apps.accounts.services.operations import finish_and_mail
from server.apps.activity.services.changes import Verb, record_change
from server.apps.activity.services.operations import ReportProgress, start_operation
from server.apps.devices.models import Device, DeviceState
from server.apps.devices.services.metadata import archive_metadata
from server.apps.devices.services.states import busy_device, make_busy, make_idle
from server.apps.lifecycle import jobs
from server.apps.streams.models import DataBlock
from server.apps.streams.services.blocks import block_to_fill, complete_block, next_block
from server.apps.streams.services.relabelling import add_note, archive_streams, wait_for_writers
from server.core.errors import Conflict


@dataclass(frozen=True, slots=True)
class DeviceAfterArchive:
    """The device after archiving; without a label it keeps its own."""

    state: DeviceState = DeviceState.ACTIVE
    label: str = ""


@transaction.atomic
def archive_device(
    *,
    device: Device,
    title: str,
    by: Account,
    description: str = "",
    after: DeviceAfterArchive = DeviceAfterArchive(),
    staff: bool = False,
) -> DataBlock:
    """Start archiving it. Raises Forbidden without `can_create_datablock` and when the device is
    busy, Conflict when it is in no project."""
    org = check_archive(device, by, staff=staff)
    make_busy(device=device, state=DeviceState.ARCHIVING)
    block = next_block(device, org, title=title, description=description, by=by)
    operation = start_operation(
        org=org,
        target=device.slug,
        by=by,
        job=lambda pid: jobs.ArchiveDevice(
            pid=pid, device=device.pk, block=block.slug, state=after.state, label=after.label
        ),
    )
    block.pid = operation.pk
    block.save(update_fields=["pid"])
    record_change(
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
    """Returns the organisation of the device. Raises Conflict, Forbidden."""
    org = device.org
    if device.project_id is None or org is None:
        raise Conflict("The device is in no project.", field="device")
    require(by, "can_create_datablock", org, staff=staff)
    return org


def run_archive(job: jobs.ArchiveDevice, report_progress: ReportProgress) -> None:
    """For the worker. Raises Unavailable."""
    wait_for_writers(job.device)
    report_progress(50, "No report is being stored any more.")
    with transaction.atomic():
        device = busy_device(job.device)
        block = block_to_fill(job.block)
        if device is None or block is None:
            return
        archive_streams(device, block)
        archive_metadata(device=device.slug, block=block.slug)
        complete_block(block)
        make_idle(
            number=device.pk, state=job.state, label=job.label, active=job.state != DeviceState.INACTIVE
        )
        _record_archive(device, block, job.pid)


def _record_archive(device: Device, block: DataBlock, pid: str) -> None:
    by = creator_of(pid)
    add_note(
        device.slug,
        block.org,
        f"What was measured until now was archived as {block.slug}: {block.title}",
        by=by,
    )
    record_change(
        org=block.org, kind="data-block", ref=block.slug, verb=Verb.CHANGED, event="archived", by=by
    )
    context = {"block": block.slug, "title": block.title, "device": device.slug}
    finish_and_mail(pid, f"Archived as {block.slug}.", template="datablock/archived", context=context)
