"""Unclaiming: a device leaves its project and organisation, and the next owner finds nothing of
theirs."""

from dataclasses import dataclass
from typing import Final

from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.operations import creator_of
from server.apps.accounts.services.operations import finish_and_mail
from server.apps.activity.models import Operation
from server.apps.activity.services.changes import Verb, record_change
from server.apps.activity.services.operations import ReportProgress
from server.apps.devices.models import Device
from server.apps.devices.services.keys import issue_claim_code_at_unclaim
from server.apps.devices.services.moving import leave_project
from server.apps.devices.services.states import busy_device
from server.apps.ingest.services.forgetting import (
    forget_open_reports,
    remove_refused_uploads,
    remove_reports,
    withhold_from_next_owner,
)
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.operations import start_on_device, wait_for_device
from server.apps.lifecycle.services.repairs.forgetting import forget_repairs_of_device
from server.apps.streams.services.emptying import remove_data
from server.apps.streams.services.relabelling import clear_device, live_streams
from server.core.errors import Conflict, Invalid

DEFAULT_LABEL: Final = "Device ({id})"
_LONGEST_LABEL: Final = 100


@dataclass(frozen=True, slots=True)
class UnclaimResult:
    operation: Operation
    claim_code: str
    """In the clear, for the next owner; it is not stored."""


@transaction.atomic
def unclaim_device(
    *, device: Device, by: Account, label: str = "", clean_streams: bool = False, staff: bool = False
) -> UnclaimResult:
    """Start unclaiming it. `{id}` in the label becomes the last four digits of the slug. Without
    `clean_streams` the data stays in the project. The acknowledgements stay in any case, so that
    the device does not send the data again to the next owner.

    Raises Forbidden without `can_claim_devices` and when the device is busy, Conflict when it is in
    no project, Invalid.
    """
    org = check_unclaim(device, by, staff=staff)
    label = (label or DEFAULT_LABEL).replace("{id}", device.slug[-4:])
    if len(label) > _LONGEST_LABEL:
        raise Invalid(f"A label has at most {_LONGEST_LABEL} characters.", field="label")
    operation = start_on_device(
        device=device,
        org=org,
        by=by,
        details={"clean_streams": clean_streams},
        job=lambda pid, state: jobs.UnclaimDevice(
            pid=pid, device=device.pk, label=label, clean_streams=clean_streams, state=state
        ),
    )
    return UnclaimResult(operation, issue_claim_code_at_unclaim(device=device, by=by))


def check_unclaim(device: Device, by: Account, *, staff: bool) -> Org:
    """Returns the organisation of the device. Raises Conflict, Forbidden."""
    org = device.org
    if device.project_id is None or org is None:
        raise Conflict("The device is not claimed.")
    require(by, "can_claim_devices", org, staff=staff)
    return org


def run_unclaim(job: jobs.UnclaimDevice, report_progress: ReportProgress) -> None:
    """For the worker. Raises Unavailable."""
    device = wait_for_device(job)
    if device is None:
        return
    remove_reports(job.device)
    forget_repairs_of_device(job.device)
    remove_refused_uploads(job.device)
    if job.clean_streams:
        keys = [stream.key for stream in live_streams(device)]
        remove_data(keys, report_progress=report_progress)
        forget_open_reports(job.device)
    withhold_from_next_owner(job.device)
    with transaction.atomic():
        locked = busy_device(job.device)
        if locked is not None:
            _leave_project(locked, job)


def _leave_project(device: Device, job: jobs.UnclaimDevice) -> None:
    remove_reports(device.pk)  # also those that came since the first call
    remove_refused_uploads(device.pk)
    org, by = device.org, creator_of(job.pid)
    clear_device(device, with_streams=job.clean_streams)
    leave_project(device=device, label=job.label, state=job.state)
    if org is not None:
        record_change(
            org=org, kind="device", ref=device.slug, verb=Verb.DELETED, event="device-unclaimed", by=by
        )
    finish_and_mail(job.pid, "Unclaimed.", template="device/unclaimed", context={"device": device.slug})
