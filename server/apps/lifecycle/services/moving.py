"""Move a device into another project. Its history goes along by relabelling streams; no reading is
copied."""

from typing import Any

from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.operations import creator_of
from server.apps.accounts.services.operations import finish_and_mail, mail_creator
from server.apps.activity.models import Operation
from server.apps.activity.services.changes import Verb, record_change
from server.apps.activity.services.operations import ReportProgress
from server.apps.devices.models import Device, Project
from server.apps.devices.selectors.devices import project_by_id
from server.apps.devices.services.moving import enter_other_project
from server.apps.devices.services.states import busy_device, make_idle
from server.apps.ingest.services.forgetting import withhold_from_next_owner
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.operations import idle_after_failure, start_on_device
from server.apps.streams.services.relabelling import (
    add_note,
    hand_over_notes_and_mask,
    move_streams,
    wait_for_writers,
)
from server.core.errors import Conflict, FieldlineError


@transaction.atomic
def move_device(
    *, device: Device, into: Project, by: Account, with_data: bool = True, staff: bool = False
) -> Operation:
    """Start moving it. Within an organisation this needs `can_reset_device`, from one to another
    `can_claim_devices` in both. Raises Forbidden, also when the device is busy; Conflict when there
    is nothing to move.
    """
    org = check_move(device, into, by, staff=staff)
    return start_on_device(
        device=device,
        org=org,
        by=by,
        job=lambda pid, state: jobs.MoveDevice(
            pid=pid, device=device.pk, project=str(into.pk), with_data=with_data, state=state
        ),
    )


def check_move(device: Device, into: Project, by: Account, *, staff: bool) -> Org:
    """Returns the present organisation of the device. Raises Conflict, Forbidden."""
    org = device.org
    if device.project_id is None or org is None:
        raise Conflict("The device is in no project.")
    if device.project_id == into.pk:
        raise Conflict("The device is in this project already.", field="project")
    if not staff:
        _require_rights(by, org, into.org)
    return org


def _require_rights(by: Account, out_of: Org, into: Org) -> None:
    if out_of == into:
        require(by, "can_reset_device", into)
    else:
        require(by, "can_claim_devices", out_of)
        require(by, "can_claim_devices", into)


def run_move(job: jobs.MoveDevice, report_progress: ReportProgress) -> None:
    """For the worker. Raises Unavailable; Conflict when the project holds data of this device from
    before."""
    wait_for_writers(job.device)
    report_progress(50, "No report is being stored any more.")
    with (
        idle_after_failure(job, lambda device, error: _mail_failure(device, error, job.pid)),
        transaction.atomic(),
    ):
        _move(job)


def _move(job: jobs.MoveDevice) -> None:
    device, into = busy_device(job.device), project_by_id(job.project)
    if device is None or device.project is None or device.project_id == into.pk:
        return
    out_of, by = device.project, creator_of(job.pid)
    if job.with_data:
        move_streams(device, into)
    hand_over_notes_and_mask(device, org=into.org)
    enter_other_project(device=device, into=into, by=by)
    if into.org_id != out_of.org_id:
        withhold_from_next_owner(device.pk)
    make_idle(number=device.pk, state=job.state)
    _record_move(device, out_of, into, by)
    context = {"device": device.slug, "project": into.name}
    finish_and_mail(job.pid, f"Moved to {into.slug}.", template="device/moved", context=context)


def _record_move(device: Device, out_of: Project, into: Project, by: Account | None) -> None:
    add_note(device.slug, into.org, f"Moved to {into.slug}.", by=by)
    change: dict[str, Any] = {
        "kind": "device",
        "ref": device.slug,
        "event": "move-device",
        "by": by,
        "audited": True,
    }
    if out_of.org_id == into.org_id:
        details = {"from": out_of.slug, "to": into.slug}
        record_change(org=into.org, verb=Verb.CHANGED, details=details, **change)
    else:  # neither organisation sees the other's names
        record_change(org=out_of.org, verb=Verb.DELETED, details={"from": out_of.slug}, **change)
        record_change(org=into.org, verb=Verb.CREATED, details={"to": into.slug}, **change)


def _mail_failure(device: Device, error: FieldlineError, pid: str) -> None:
    context = {"device": device.slug, "reason": error.message}
    mail_creator(pid, template="device/not_moved", context=context)
