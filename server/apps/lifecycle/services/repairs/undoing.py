"""Undo a repair: every row as it was, or none if one of them has changed since."""

import uuid

from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.operations import creator_of
from server.apps.activity.models import Operation
from server.apps.activity.services.operations import ReportProgress, finish_operation
from server.apps.devices.services.states import busy_device, make_idle
from server.apps.lifecycle import jobs
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.services.operations import idle_after_failure, start_on_device, wait_for_device
from server.apps.lifecycle.services.repairs.applying import audit_details, describe_result, device_to_repair
from server.apps.lifecycle.services.repairs.kinds import is_undoable
from server.apps.lifecycle.services.repairs.streams_of_device import slugs
from server.apps.streams.services.relabelling import add_note
from server.apps.streams.services.repairing import revert
from server.core.errors import Conflict


@transaction.atomic
def start_undo(*, repair: Repair, by: Account, staff: bool = False) -> Operation:
    """Start undoing it. Raises Forbidden without `can_modify_device` and when the device is busy,
    Conflict when there is nothing to undo."""
    device = device_to_repair(repair, by=by, staff=staff)
    locked = Repair.objects.select_for_update(of=("self",)).get(pk=repair.pk)
    if locked.state != Repair.State.DONE:
        raise Conflict("Only an applied repair can be undone.")
    if not is_undoable(locked.kind):
        raise Conflict("This cannot be undone: no reading was changed.")
    Repair.objects.filter(pk=repair.pk).update(failure="")
    return start_on_device(
        device=device,
        org=repair.org,
        by=by,
        details=audit_details(locked),
        job=lambda pid, state: jobs.UndoRepair(pid=pid, device=device.pk, repair=str(repair.pk), state=state),
    )


def run_undo(job: jobs.UndoRepair, report_progress: ReportProgress) -> None:
    """For the worker. Raises Unavailable, Conflict when a row has changed since."""
    device = wait_for_device(job)
    if device is None:
        return
    report_progress(20, "No report is being stored any more.")
    repair = Repair.objects.filter(pk=job.repair)
    with idle_after_failure(job, lambda _, error: repair.update(failure=error.message[:300])):
        revert(uuid.UUID(job.repair), list(slugs(device)))
    _finish(job)


@transaction.atomic
def _finish(job: jobs.UndoRepair) -> None:
    device = busy_device(job.device)
    if device is None or device.org is None:
        return
    repair = Repair.objects.get(pk=job.repair)
    Repair.objects.filter(pk=repair.pk).update(state=Repair.State.UNDONE, undone_on=timezone.now())
    make_idle(number=device.pk, state=job.state)
    label = repair.get_kind_display()
    add_note(
        device.slug,
        device.org,
        f"Repair undone: {label}. It had been: {describe_result(repair.result)}",
        by=creator_of(job.pid),
    )
    finish_operation(job.pid, "All is as it was.")
