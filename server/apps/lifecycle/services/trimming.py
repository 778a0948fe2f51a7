"""Trim a device: delete what it measured before and after a range of time."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.operations import creator_of
from server.apps.accounts.services.operations import finish_and_mail
from server.apps.activity.models import Operation
from server.apps.activity.services.operations import ReportProgress
from server.apps.devices.models import Device
from server.apps.devices.services.metadata import remove_locations
from server.apps.devices.services.states import busy_device, make_idle
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.operations import start_on_device, wait_for_device
from server.apps.streams.models import StreamId
from server.apps.streams.services.emptying import remove_data
from server.apps.streams.services.masking import check_bounds
from server.apps.streams.services.relabelling import add_note, live_streams, remove_notes
from server.core.errors import Conflict

NEVER_TRIMMED: Final = (0x5C00, 0x5C08, 0x5C09, 0x0E00, 0x0E01, 0x0E02)
"""Reboots, versions and trips: without them the kept readings cannot be interpreted."""


@transaction.atomic
def trim_device(
    *, device: Device, start: datetime | None, end: datetime | None, by: Account, staff: bool = False
) -> Operation:
    """Start deleting everything before `start` and after `end`. Raises Forbidden without
    `can_modify_device` and when the device is busy, Invalid without a time or with a start that is
    not before the end.
    """
    org = check_trim(device, start, end, by, staff=staff)
    bounds = {"start": _format_time(start), "end": _format_time(end)}
    return start_on_device(
        device=device,
        org=org,
        by=by,
        details=bounds,
        job=lambda pid, state: jobs.TrimDevice(pid=pid, device=device.pk, state=state, **bounds),
    )


def check_trim(
    device: Device, start: datetime | None, end: datetime | None, by: Account, *, staff: bool
) -> Org:
    """Returns the organisation of the device. Raises Conflict, Forbidden, Invalid."""
    org = device.org
    if device.project_id is None or org is None:
        raise Conflict("The device is in no project.")
    require(by, "can_modify_device", org, staff=staff)
    check_bounds(start, end)
    return org


def _format_time(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _parse_time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def run_trim(job: jobs.TrimDevice, report_progress: ReportProgress) -> None:
    """For the worker. Raises Unavailable."""
    start, end = _parse_time(job.start), _parse_time(job.end)
    device = wait_for_device(job)
    if device is None:
        return
    streams = list(trimmed_streams(device))
    removed = remove_data(
        [stream.key for stream in streams], report_progress=report_progress, start=start, end=end
    )
    with transaction.atomic():
        locked = busy_device(job.device)
        if locked is None or locked.org is None:
            return
        remove_notes([locked.slug, *(stream.slug for stream in streams)], before=start, after=end)
        remove_locations(locked.slug, before=start, after=end)
        make_idle(number=locked.pk, state=job.state)
        by = creator_of(job.pid)
        add_note(
            locked.slug, locked.org, f"Trimmed to {job.start or 'the beginning'} … {job.end or 'now'}.", by=by
        )
        context = {"device": locked.slug, "start": job.start, "end": job.end}
        finish_and_mail(job.pid, f"{removed} readings deleted.", template="device/trimmed", context=context)


def trimmed_streams(device: Device) -> QuerySet[StreamId]:
    kept = Q(var_lid__in=NEVER_TRIMMED) | Q(variable__app_only=True)
    return live_streams(device).exclude(kept)
