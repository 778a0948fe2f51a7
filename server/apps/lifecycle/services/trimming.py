"""Trimming: what a device measured before and after the time that counts is deleted."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

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
from server.apps.devices.services import busy_device, make_busy, make_idle, remove_locations
from server.apps.lifecycle import jobs
from server.apps.streams.models import StreamId
from server.apps.streams.services.emptying import remove_data
from server.apps.streams.services.masking import check_bounds
from server.apps.streams.services.relabelling import live_streams, note, remove_notes, settle
from server.core.errors import Conflict

NEVER_TRIMMED: Final = (0x5C00, 0x5C08, 0x5C09, 0x0E00, 0x0E01, 0x0E02)
"""Reboots, versions and trips: without them what is kept cannot be understood."""


@transaction.atomic
def trim_device(
    *, device: Device, start: datetime | None, end: datetime | None, by: Account, staff: bool = False
) -> Operation:
    """Begins it: everything before `start` and after `end` goes. Raises Forbidden without `can_modify_device` and when the device
    is busy, Invalid without a time or with a start that is not before the end.
    """
    org = check_trim(device, start, end, by, staff=staff)
    state = make_busy(device=device, state=DeviceState.RESETTING)
    bounds = {"start": _written(start), "end": _written(end)}
    note_change(
        org=org,
        kind="device",
        ref=device.slug,
        verb=Verb.CHANGED,
        event="trim-device",
        by=by,
        audited=True,
        details=bounds,
    )
    return start_operation(
        kind=jobs.TrimDevice.action,
        org=org,
        target=device.slug,
        by=by,
        job=lambda pid: jobs.TrimDevice(pid=pid, device=device.pk, state=state, **bounds),
    )


def check_trim(
    device: Device, start: datetime | None, end: datetime | None, by: Account, *, staff: bool
) -> Org:
    """Whose it is."""
    org = device.org
    if device.project_id is None or org is None:
        raise Conflict("The device is in no project.")
    require(by, "can_modify_device", org, staff=staff)
    check_bounds(start, end)
    return org


def _written(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _read(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def carry_out_trim(job: jobs.TrimDevice, told: Progress) -> None:
    """For the worker. Raises Unavailable."""
    start, end = _read(job.start), _read(job.end)
    device = device_by_number(job.device)
    if not device.busy:
        return
    settle(job.device)
    streams = list(trimmed_streams(device))
    removed = remove_data([stream.key for stream in streams], told=told, start=start, end=end)
    with transaction.atomic():
        locked = busy_device(job.device)
        if locked is None or locked.org is None:
            return
        remove_notes([locked.slug, *(stream.slug for stream in streams)], before=start, after=end)
        remove_locations(locked.slug, before=start, after=end)
        make_idle(number=locked.pk, state=job.state)
        by = creator_of(job.pid)
        note(
            locked.slug, locked.org, f"Trimmed to {job.start or 'the beginning'} … {job.end or 'now'}.", by=by
        )
        finish(job.pid, f"{removed} readings deleted.")
        if by is not None:
            context = {"device": locked.slug, "start": job.start, "end": job.end, "name": by.get_short_name()}
            mail(to=[by.email], template="device/trimmed", context=context)


def trimmed_streams(device: Device) -> QuerySet[StreamId]:
    kept = Q(var_lid__in=NEVER_TRIMMED) | Q(variable__app_only=True)
    return live_streams(device).exclude(kept)
