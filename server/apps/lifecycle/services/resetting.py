"""Resetting: all that a device brought is deleted, and it begins anew in its project."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import Account, Operation, Org
from server.apps.accounts.selectors import require
from server.apps.accounts.services import (
    Progress,
    Verb,
    creator_of,
    finish,
    mail,
    note_change,
    start_operation,
)
from server.apps.devices.models import Device, DeviceState
from server.apps.devices.selectors import device_by_number
from server.apps.devices.services import (
    busy_device,
    make_busy,
    make_idle,
    remove_locations,
    remove_properties,
)
from server.apps.ingest.services.forgetting import begin_again, remove_reports
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.repairs.forgetting import forget_repairs_of_device
from server.apps.streams import services as stream_services
from server.core.errors import Conflict


@dataclass(frozen=True, slots=True)
class Reset:
    """What goes beside the data. `full`: the acknowledgements too, so that the device may bring old readings again."""

    full: bool = True
    include_properties: bool = True
    include_notes_and_locations: bool = True


@transaction.atomic
def reset_device(*, device: Device, what: Reset, by: Account, staff: bool = False) -> Operation:
    """Begins it. Raises Forbidden without `can_reset_device` and when the device is busy."""
    org = check_reset(device, by, staff=staff)
    state = make_busy(device=device, state=DeviceState.RESETTING)
    chosen = {
        "full": what.full,
        "include_properties": what.include_properties,
        "include_notes_and_locations": what.include_notes_and_locations,
    }
    note_change(
        org=org,
        kind="device",
        ref=device.slug,
        verb=Verb.CHANGED,
        event="reset-device",
        by=by,
        audited=True,
        details=chosen,
    )
    before = timezone.now().isoformat()
    return start_operation(
        kind=jobs.ResetDevice.action,
        org=org,
        target=device.slug,
        by=by,
        job=lambda pid: jobs.ResetDevice(pid=pid, device=device.pk, before=before, state=state, **chosen),
    )


def check_reset(device: Device, by: Account, *, staff: bool) -> Org:
    """Whose it is."""
    org = device.org
    if device.project_id is None or org is None:
        raise Conflict("The device is in no project.")
    require(by, "can_reset_device", org, staff=staff)
    return org


def carry_out_reset(job: jobs.ResetDevice, told: Progress) -> None:
    """For the worker. What is uploaded meanwhile waits, and is stored afterwards. Raises Unavailable."""
    device = device_by_number(job.device)
    if not device.busy:
        return
    stream_services.settle(job.device)
    remove_reports(job.device, before=datetime.fromisoformat(job.before))
    forget_repairs_of_device(job.device)
    streams = list(stream_services.live_streams(device))
    removed = stream_services.remove_data([stream.key for stream in streams], told=told)
    if job.full:
        begin_again(job.device)
    with transaction.atomic():
        locked = busy_device(job.device)
        if locked is None:
            return
        stream_services.remove_mask(locked.slug)
        if job.include_properties:
            remove_properties(locked.slug)
        if job.include_notes_and_locations:
            stream_services.remove_notes([locked.slug, *(stream.slug for stream in streams)])
            remove_locations(locked.slug)
        make_idle(number=locked.pk, state=job.state)
        _tell(locked, job.pid, removed)


def _tell(device: Device, pid: str, removed: int) -> None:
    by = creator_of(pid)
    if device.org is not None:
        stream_services.note(device.slug, device.org, "The device was reset: its data was deleted.", by=by)
    finish(pid, f"{removed} readings deleted.")
    if by is not None:
        context = {"device": device.slug, "name": by.get_short_name()}
        mail(to=[by.email], template="device/reset", context=context)
