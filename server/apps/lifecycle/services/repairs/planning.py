"""Plan a repair: find what it would change, and keep that. Nothing changes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import require
from server.apps.devices.models import Device
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.services.repairs.kinds import FINDERS
from server.apps.lifecycle.services.repairs.streams_of_device import slugs
from server.apps.streams.services.repairing import find_change, plan_of
from server.core.errors import Conflict, Invalid

REPAIR_PERMISSION: Final = "can_modify_device"
"""The same as for trimming, which changes history too."""
PLAN_LIFETIME_DAYS: Final = 7


def plan_repair(
    *, device: Device, kind: str, arguments: Mapping[str, Any], by: Account, staff: bool = False
) -> Repair:
    """`arguments`: JSON of the right types for the kind. Raises Forbidden without
    `can_modify_device`, Conflict when the device is in no project, Invalid when there is nothing to
    which these arguments could apply, Unavailable.
    """
    org = device.org
    if device.project_id is None or org is None:
        raise Conflict("The device is in no project.")
    require(by, REPAIR_PERMISSION, org, staff=staff)
    if kind not in FINDERS:
        raise Invalid("There is no such repair.", field="kind")
    change = find_change(lambda cursor: FINDERS[kind](cursor, device, arguments))
    _forget_old_plans(device)
    return Repair.objects.create(
        device=device,
        org=org,
        kind=kind,
        arguments=dict(arguments),
        plan=plan_of(change, slugs(device)),
        created_by=by,
    )


def _forget_old_plans(device: Device) -> None:
    before = timezone.now() - timedelta(days=PLAN_LIFETIME_DAYS)
    Repair.objects.filter(device=device, state=Repair.State.PLANNED, created_on__lt=before).delete()


@transaction.atomic
def discard_repair(*, repair: Repair, by: Account, staff: bool = False) -> None:
    """Delete a plan. Raises Forbidden; Conflict once it was applied."""
    require(by, REPAIR_PERMISSION, repair.org, staff=staff)
    locked = Repair.objects.select_for_update().get(pk=repair.pk)
    if locked.state not in {Repair.State.PLANNED, Repair.State.FAILED}:
        raise Conflict("It was applied already.")
    locked.delete()


def is_empty(plan: Mapping[str, Any]) -> bool:
    """Whether nothing would change."""
    rows = [*plan["readings"].values(), *plan["events"].values()]
    return not (any(rows) or plan["hours"] or plan["latest"])
