"""Busy devices: while an operation archives, moves, repairs, resets, trims or unclaims one, nothing
else may change it."""

from typing import Final

from django.db import transaction

from server.apps.activity.selectors.operations import targets_in_progress
from server.apps.devices.models import BUSY_STATES, Device, DeviceState
from server.core.errors import Forbidden

BUSY: Final = "The device is busy. Try again when it is done."


def make_busy(*, device: Device, state: DeviceState) -> str:
    """Returns the state to go back to. Part of the caller's transaction. Raises Forbidden, also for
    one of two concurrent callers."""
    locked = Device.objects.select_for_update(no_key=True).get(pk=device.pk)
    if locked.busy:
        raise Forbidden(BUSY)
    Device.objects.filter(pk=device.pk).update(state=state)
    device.refresh_from_db()
    return locked.state


def require_idle(device: Device) -> None:
    """Raises Forbidden."""
    if device.busy:
        raise Forbidden(BUSY)


def make_idle(*, number: int, state: str, label: str = "", active: bool | None = None) -> None:
    """Return the device to its former state, or to a chosen one."""
    changes: dict[str, object] = {"state": state}
    if label:
        changes["label"] = label
    if active is not None:
        changes["active"] = active
    Device.objects.filter(pk=number).update(**changes)


def busy_device(number: int) -> Device | None:
    """Returns the device of a job, locked until the transaction ends; None when it is not busy: an
    earlier run has done the job."""
    device = (
        Device.objects.select_for_update(no_key=True, of=("self",))
        .select_related("org", "project")
        .filter(pk=number)
        .first()
    )
    return device if device is not None and device.busy else None


@transaction.atomic
def free_stuck_devices() -> list[str]:
    """Make devices idle that are busy without an unfinished operation: theirs has failed for good.
    Returns their slugs."""
    # Locked before operations are read: an operation is scheduled in the transaction that makes its
    # device busy, so one that starts at the same time is seen.
    busy = list(Device.objects.select_for_update(no_key=True, of=("self",)).filter(state__in=BUSY_STATES))
    at_work = targets_in_progress() if busy else set()
    stuck = [device for device in busy if device.slug not in at_work]
    Device.objects.filter(pk__in=[device.pk for device in stuck]).update(state=DeviceState.ACTIVE)
    return [device.slug for device in stuck]
