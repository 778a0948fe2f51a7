"""Reset a device: delete all its data; it stays in its project and starts again."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.operations import creator_of
from server.apps.accounts.services.operations import finish_and_mail
from server.apps.activity.models import Operation
from server.apps.activity.services.operations import ReportProgress
from server.apps.devices.models import Device
from server.apps.devices.services.metadata import remove_locations, remove_properties
from server.apps.devices.services.states import busy_device, make_idle
from server.apps.ingest.services.forgetting import remove_reports, reset_acknowledgements
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.operations import start_on_device, wait_for_device
from server.apps.lifecycle.services.repairs.forgetting import forget_repairs_of_device
from server.apps.streams.services.emptying import remove_data
from server.apps.streams.services.relabelling import add_note, live_streams, remove_mask, remove_notes
from server.core.errors import Conflict


@dataclass(frozen=True, slots=True)
class ResetOptions:
    """What is deleted beside the data. `full`: the acknowledgements too, so that the device may
    send old readings again, as long as it stays in its organisation."""

    full: bool = True
    include_properties: bool = True
    include_notes_and_locations: bool = True


@transaction.atomic
def reset_device(*, device: Device, options: ResetOptions, by: Account, staff: bool = False) -> Operation:
    """Start resetting it. Raises Forbidden without `can_reset_device` and when the device is
    busy."""
    org = check_reset(device, by, staff=staff)
    chosen = {
        "full": options.full,
        "include_properties": options.include_properties,
        "include_notes_and_locations": options.include_notes_and_locations,
    }
    return start_on_device(
        device=device,
        org=org,
        by=by,
        details=chosen,
        job=lambda pid, state: jobs.ResetDevice(
            pid=pid, device=device.pk, before=timezone.now().isoformat(), state=state, **chosen
        ),
    )


def check_reset(device: Device, by: Account, *, staff: bool) -> Org:
    """Returns the organisation of the device. Raises Conflict, Forbidden."""
    org = device.org
    if device.project_id is None or org is None:
        raise Conflict("The device is in no project.")
    require(by, "can_reset_device", org, staff=staff)
    return org


def run_reset(job: jobs.ResetDevice, report_progress: ReportProgress) -> None:
    """For the worker. Reports that are uploaded during the reset wait, and are stored after it.
    Raises Unavailable."""
    device = wait_for_device(job)
    if device is None:
        return
    remove_reports(job.device, before=datetime.fromisoformat(job.before))
    forget_repairs_of_device(job.device)
    streams = list(live_streams(device))
    removed = remove_data([stream.key for stream in streams], report_progress=report_progress)
    if job.full:
        reset_acknowledgements(job.device)
    with transaction.atomic():
        locked = busy_device(job.device)
        if locked is None:
            return
        remove_mask(locked.slug)
        if job.include_properties:
            remove_properties(locked.slug)
        if job.include_notes_and_locations:
            remove_notes([locked.slug, *(stream.slug for stream in streams)])
            remove_locations(locked.slug)
        make_idle(number=locked.pk, state=job.state)
        _record_reset(locked, job.pid, removed)


def _record_reset(device: Device, pid: str, removed: int) -> None:
    if device.org is not None:
        text = "The device was reset: its data was deleted."
        add_note(device.slug, device.org, text, by=creator_of(pid))
    context = {"device": device.slug}
    finish_and_mail(pid, f"{removed} readings deleted.", template="device/reset", context=context)
