"""Operations on one device: how they start, what they wait for in the worker, and how they fail."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from server.apps.accounts.models import Account, Org
from server.apps.activity.models import Operation
from server.apps.activity.services.operations import start_audited_operation, start_operation
from server.apps.devices.models import Device, DeviceState
from server.apps.devices.selectors.devices import device_by_number
from server.apps.devices.services.states import busy_device, make_busy, make_idle
from server.apps.lifecycle.jobs import DeviceJob
from server.apps.streams.services.relabelling import wait_for_writers
from server.core.errors import FieldlineError


@transaction.atomic
def start_on_device(
    *,
    device: Device,
    org: Org,
    by: Account,
    job: Callable[[str, str], DeviceJob],
    details: Mapping[str, Any] | None = None,
) -> Operation:
    """Make the device busy and post its job. `job` builds the payload from the operation's id and
    the state to return to; `details` are of the audit row: without them the end of the operation
    writes it. Raises Forbidden when the device is busy.
    """
    state = make_busy(device=device, state=DeviceState.RESETTING)
    if details is None:
        return start_operation(org=org, target=device.slug, by=by, job=lambda pid: job(pid, state))
    return start_audited_operation(
        org=org, kind="device", target=device.slug, by=by, job=lambda pid: job(pid, state), details=details
    )


def wait_for_device(job: DeviceJob) -> Device | None:
    """For the worker. Waits until no report of the device is being stored. Returns the device; None
    when an earlier run has finished the job. Raises Unavailable.
    """
    device = device_by_number(job.device)
    if not device.busy:
        return None
    wait_for_writers(job.device)
    return device


@contextmanager
def idle_after_failure(
    job: DeviceJob, on_failure: Callable[[Device, FieldlineError], object]
) -> Iterator[None]:
    """Around the work: an error that a retry cannot fix returns the device to its former state, and
    calls `on_failure` in the same transaction."""
    try:
        yield
    except FieldlineError as error:
        if not error.retry:
            _make_idle_again(job, error, on_failure)
        raise


@transaction.atomic
def _make_idle_again(
    job: DeviceJob, error: FieldlineError, on_failure: Callable[[Device, FieldlineError], object]
) -> None:
    device = busy_device(job.device)
    if device is not None:
        make_idle(number=device.pk, state=job.state)
        on_failure(device, error)
