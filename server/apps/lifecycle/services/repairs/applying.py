"""Apply a planned repair, exactly once."""

import uuid
from typing import Any

from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.operations import creator_of
from server.apps.activity.models import Operation
from server.apps.activity.services.operations import ReportProgress, finish_operation
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import device_by_number
from server.apps.devices.services.states import busy_device, make_idle
from server.apps.lifecycle import jobs
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.services.operations import idle_after_failure, start_on_device, wait_for_device
from server.apps.lifecycle.services.repairs.kinds import FINDERS, PREPARATIONS
from server.apps.lifecycle.services.repairs.planning import REPAIR_PERMISSION, is_empty
from server.apps.streams.services.relabelling import add_note
from server.apps.streams.services.repairing import Change, apply_change
from server.core.errors import Conflict


@transaction.atomic
def start_repair(*, repair: Repair, by: Account, staff: bool = False) -> Operation:
    """Start applying it. Raises Forbidden without `can_modify_device` and when the device is busy,
    Conflict when it was applied already, would change nothing, or the device has left the
    organisation."""
    device = device_to_repair(repair, by=by, staff=staff)
    locked = Repair.objects.select_for_update(of=("self",)).get(pk=repair.pk)
    # A running one whose device is idle was given up in the middle; it goes on where it stopped.
    if locked.state not in {Repair.State.PLANNED, Repair.State.RUNNING}:
        raise Conflict("It was applied already. Plan it again.")
    if is_empty(locked.plan):
        raise Conflict("There is nothing to repair.")
    Repair.objects.filter(pk=repair.pk).update(state=Repair.State.RUNNING, failure="")
    return start_on_device(
        device=device,
        org=repair.org,
        by=by,
        details=audit_details(locked),
        job=lambda pid, state: jobs.RepairDevice(
            pid=pid, device=device.pk, repair=str(repair.pk), state=state
        ),
    )


def device_to_repair(repair: Repair, *, by: Account, staff: bool) -> Device:
    require(by, REPAIR_PERMISSION, repair.org, staff=staff)
    device = device_by_number(repair.device_id)
    if device.org_id != repair.org_id or device.project_id is None:
        raise Conflict("The device is not in this organisation any more.")
    return device


def audit_details(repair: Repair) -> dict[str, Any]:
    counts = {what: repair.plan[what] for what in ("readings", "events", "hours")}
    return {"repair": str(repair.pk), "kind": repair.kind, **counts}


def run_repair(job: jobs.RepairDevice, report_progress: ReportProgress) -> None:
    """For the worker. Raises Unavailable; Conflict when the stored rows have changed since the
    plan."""
    device = wait_for_device(job)
    if device is None:
        return
    report_progress(20, "No report is being stored any more.")
    repair = Repair.objects.get(pk=job.repair)
    # Two databases: the stream-data database commits the rows and that they were changed, the core
    # database the repair's own row. A worker that is killed in between repeats the job, finds the
    # rows changed, and only finishes.
    row = Repair.objects.filter(pk=repair.pk)
    with idle_after_failure(
        job, lambda _, error: row.update(state=Repair.State.FAILED, failure=error.message[:300])
    ):
        result = apply_change(
            repair.pk,
            lambda cursor: _find(cursor, device, repair),
            planned=repair.plan["fingerprint"],
        )
    _finish(job, result)


def _find(cursor: CursorWrapper, device: Device, repair: Repair) -> Change:
    if repair.kind in PREPARATIONS:
        PREPARATIONS[repair.kind](device, repair.arguments)
    return FINDERS[repair.kind](cursor, device, repair.arguments)


@transaction.atomic
def _finish(job: jobs.RepairDevice, result: dict[str, Any]) -> None:
    device = busy_device(job.device)
    if device is None or device.org is None:
        return
    changes = {"state": Repair.State.DONE, "result": result, "done_on": timezone.now()}
    Repair.objects.filter(pk=uuid.UUID(job.repair)).update(**changes)
    make_idle(number=device.pk, state=job.state)
    repair = Repair.objects.get(pk=job.repair)
    label = repair.get_kind_display()
    add_note(device.slug, device.org, f"Repaired: {label}. {describe_result(result)}", by=creator_of(job.pid))
    finish_operation(job.pid, describe_result(result))


def describe_result(result: dict[str, Any]) -> str:
    """“3 readings changed, 1 event added.”"""
    parts = [
        f"{count} {what if count != 1 else what[:-1]} {done}"
        for what in ("readings", "events")
        for done, count in result[what].items()
        if count
    ]
    parts += [f"{result['hours']} hours recomputed"] if result["hours"] else []
    parts += [f"{result['latest']} latest values computed again"] if result["latest"] else []
    return (", ".join(parts) or "nothing changed").capitalize() + "."
