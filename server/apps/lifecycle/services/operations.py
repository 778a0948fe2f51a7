"""The one form of long work on a device: how it starts, begins in the worker, and ends."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.operations import creator_of
from server.apps.activity.models import Operation
from server.apps.activity.services.changes import Verb, note_change
from server.apps.activity.services.operations import finish, start_operation
from server.apps.devices.models import Device, DeviceState
from server.apps.devices.selectors.devices import device_by_number
from server.apps.devices.services.states import make_busy
from server.apps.lifecycle.jobs import DeviceJob
from server.apps.streams.services.relabelling import wait_for_writers
from server.core.mail.sending import mail


@transaction.atomic
def start_on_device(
    *,
    kind: str,
    device: Device,
    org: Org,
    by: Account,
    job: Callable[[str, str], DeviceJob],
    details: Mapping[str, Any] | None = None,
) -> Operation:
    """Makes the device busy and posts its job, which `job` makes of the operation's id and the state to go back to. `details`: of
    the audit row; without them the end writes it. Raises Forbidden when the device is busy.
    """
    state = make_busy(device=device, state=DeviceState.RESETTING)
    if details is not None:
        note_change(
            org=org,
            kind="device",
            ref=device.slug,
            verb=Verb.CHANGED,
            event=kind,
            by=by,
            audited=True,
            details=dict(details),
        )
    return start_operation(kind=kind, org=org, target=device.slug, by=by, job=lambda pid: job(pid, state))


def quiet_device(job: DeviceJob) -> Device | None:
    """For the worker: the device, when no report of it is being stored any more; None when the job was done before. Raises
    Unavailable.
    """
    device = device_by_number(job.device)
    if not device.busy:
        return None
    wait_for_writers(job.device)
    return device


def finish_and_mail(pid: str, message: str, *, template: str, context: Mapping[str, str]) -> None:
    """As part of the work's last transaction: the operation is done, and who asked for it gets a mail."""
    finish(pid, message)
    mail_creator(pid, template=template, context=context)


def mail_creator(pid: str, *, template: str, context: Mapping[str, str]) -> None:
    """Nobody, when the account is gone."""
    by = creator_of(pid)
    if by is not None:
        mail(to=[by.email], template=template, context={**context, "name": by.get_short_name()})
