"""Changing a device, with what follows for its variables, streams and data."""

from typing import Any

from django.db import transaction

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import require
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import Device, DeviceState, Project
from server.apps.devices.services.devices import change_device as change_row
from server.apps.lifecycle.services.moving import move_device
from server.apps.streams.services.relabelling import add_note
from server.apps.streams.services.sensor_graphs import follow_sensor_graph
from server.core.errors import Conflict, Forbidden, Invalid, NotFound


@transaction.atomic
def change_device(*, device: Device, by: Account, changes: dict[str, Any], staff: bool = False) -> Device:
    """Change fields by name; unchanged ones may be among them. A new sensor graph brings its
    variables and streams, another `project` moves the device, and `state` also sets `active`.

    Raises Forbidden without `can_modify_device`, and for a new template without staff; Invalid,
    Conflict.
    """
    _require(device, by, staff)
    new = {name: value for name, value in changes.items() if getattr(device, name) != value}
    if "template" in new and not staff:
        raise Forbidden("Only staff can change the template of a device.")
    moves, into = "project" in new, new.pop("project", None)
    if moves:
        _check_move(device, into)
    if "state" in new:
        _check_state(device, new["state"])
        new["active"] = new["state"] != DeviceState.INACTIVE
    change_row(device=device, by=by, changes=new)
    if new.get("sg") is not None:
        follow_sensor_graph(device=device, by=by)
    if into is not None:
        move_device(device=device, into=into, by=by)
    return device


def _require(device: Device, by: Account, staff: bool) -> None:
    if device.org is not None:
        require(by, "can_modify_device", device.org, staff=staff)
    elif not staff:
        raise NotFound()


def _check_move(device: Device, into: Project | None) -> None:
    if into is None:
        raise Invalid("A device leaves its project by being unclaimed.", field="project")
    if device.project is None:
        raise Invalid("A device enters a project by being claimed.", field="project")


def _check_state(device: Device, state: str) -> None:
    if device.busy:
        raise Conflict("The device is busy. Try again when it is done.", field="state")
    if state not in {DeviceState.ACTIVE, DeviceState.INACTIVE}:
        raise Invalid("A device becomes busy by an operation only. Choose active or inactive.", field="state")


@transaction.atomic
def record_upgrade(*, device: Device, firmware: str, by: Account, staff: bool = False) -> None:
    """Record that somebody installed new firmware, as a note and in the audit trail. Raises
    Forbidden without `can_modify_device`."""
    _require(device, by, staff)
    if device.org is None:
        raise NotFound()
    add_note(device.slug, device.org, f"Firmware upgrade: {firmware}", by=by)
    record_change(
        org=device.org,
        kind="device",
        ref=device.slug,
        verb=Verb.CHANGED,
        event="upgrade-device",
        by=by,
        audited=True,
        details={"firmware": firmware},
    )
