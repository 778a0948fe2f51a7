"""An operation whose job cannot be done, from the message to the device that is free again."""

import pytest

from server.apps.accounts.models import Account, Org
from server.apps.activity.models import Operation
from server.apps.activity.services.operations import start_operation
from server.apps.devices.models import Device, DeviceState
from server.apps.devices.services.states import free_stuck_devices, make_busy
from server.apps.lifecycle.jobs import TrimDevice
from worker.action import Action, Discard
from worker.testing import run_pending_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


class Doomed(Action[TrimDevice]):
    """What becomes of a job in the end whose every attempt ends in an error of the program."""

    def execute(self, job: TrimDevice) -> None:
        raise Discard("It can never be done.")


def start(device: Device, by: Account, org: Org) -> Operation:
    return start_operation(
        org=org,
        target=device.slug,
        by=by,
        job=lambda pid: TrimDevice(pid=pid, device=device.pk, state="N1", start="", end=""),
    )


def give_up() -> None:
    run_pending_jobs(raising=False, actions={TrimDevice.action: Doomed})


def test_an_operation_whose_job_is_given_up_has_failed(device: Device, alice: Account, acme: Org) -> None:
    make_busy(device=device, state=DeviceState.RESETTING)
    operation = start(device, alice, acme)

    give_up()

    operation.refresh_from_db()
    assert operation.state == Operation.State.FAILED
    assert operation.finished_on is not None


def test_a_device_whose_operation_has_failed_is_freed(device: Device, alice: Account, acme: Org) -> None:
    make_busy(device=device, state=DeviceState.RESETTING)
    start(device, alice, acme)
    give_up()

    freed = free_stuck_devices()

    device.refresh_from_db()
    assert freed == [device.slug]
    assert not device.busy


def test_a_device_that_is_being_worked_on_stays_busy(device: Device, alice: Account, acme: Org) -> None:
    make_busy(device=device, state=DeviceState.RESETTING)
    start(device, alice, acme)

    freed = free_stuck_devices()

    device.refresh_from_db()
    assert freed == []
    assert device.busy
