"""Devices that jobs and people change at the same time: one operation at a time, and none is
stopped by mistake."""

import pytest
from django.db import transaction

from server.apps.accounts.models import Account
from server.apps.accounts.tests.factories import make_account
from server.apps.activity.services.operations import fail_operation, start_operation
from server.apps.devices.models import ConfigAttribute, ConfigName, Device, DeviceKey, DeviceState
from server.apps.devices.services.authentication import authenticate_device_token, authenticate_upload_key
from server.apps.devices.services.configuration import set_config_attribute
from server.apps.devices.services.health_checks import check_device_health
from server.apps.devices.services.keys import issue_device_token, issue_upload_key
from server.apps.devices.services.production import set_device_key
from server.apps.devices.services.states import busy_device, free_stuck_devices, make_busy, make_idle
from server.apps.devices.tests.test_health_checks import NOW, make_watched_device
from server.core.errors import Forbidden, Invalid
from server.core.mail.jobs import SendMail
from server.core.sealed_documents import STARS
from server.core.tests.committed import committed, overlapping

__all__ = ["committed"]  # several connections

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@transaction.atomic
def start(device: Device, by: Account) -> str:
    """Make the device busy with an operation. Returns its pid."""
    assert device.org is not None
    make_busy(device=device, state=DeviceState.RESETTING)
    operation = start_operation(
        org=device.org, target=device.slug, by=by, job=lambda pid: SendMail([], pid, {})
    )
    return str(operation.pk)


def state_of(device: Device) -> str:
    return Device.objects.get(pk=device.pk).state


def test_of_two_operations_that_start_at_once_one_does(device: Device, alice: Account) -> None:
    _, second = overlapping(lambda: start(device, alice), lambda: start(device, alice))

    assert isinstance(second, Forbidden)


def test_an_operation_that_starts_while_stuck_devices_are_freed_keeps_its_device(
    device: Device, alice: Account
) -> None:
    """The device was stuck, was freed by hand, and is busy again."""
    fail_operation(start(device, alice))

    def free_and_start() -> None:
        make_idle(number=device.pk, state=DeviceState.ACTIVE)
        start(device, alice)

    _, freed = overlapping(free_and_start, free_stuck_devices)

    assert freed == []
    assert state_of(device) == DeviceState.RESETTING


def test_a_job_that_is_delivered_twice_at_once_finds_its_device_idle_the_second_time(
    device: Device, alice: Account
) -> None:
    start(device, alice)

    def finish() -> Device | None:
        found = busy_device(device.pk)
        make_idle(number=device.pk, state=DeviceState.ACTIVE)
        return found

    first, second = overlapping(finish, lambda: second_delivery(device))

    assert first == device
    assert second == "idle"


def second_delivery(device: Device) -> str:
    with transaction.atomic():
        return "idle" if busy_device(device.pk) is None else "busy"


def test_of_two_keys_that_are_made_at_once_the_later_one_is_valid(device: Device) -> None:
    first, second = overlapping(*[lambda: issue_upload_key(device=device, by=None)] * 2)

    assert authenticate_upload_key(first) is None
    assert authenticate_upload_key(second) == device


def test_of_two_device_tokens_that_are_the_first_at_once_both_are_valid(
    device: Device, alice: Account
) -> None:
    tokens = overlapping(*[lambda: issue_device_token(device=device, by=alice)] * 2)

    callers = [authenticate_device_token(str(token)) for token in tokens]
    assert [caller and caller.device for caller in callers] == [device] * 2


def test_of_two_keys_that_are_set_at_once_the_later_one_is_valid(device: Device) -> None:
    staff = make_account(is_staff=True)

    def set_key() -> DeviceKey:
        return set_device_key(device=device, type="SSH", secret="s" * 32, downloadable=True, by=staff)

    _, second = overlapping(set_key, set_key)

    assert DeviceKey.objects.get(kind=DeviceKey.Kind.SSH, revoked_on=None) == second


def test_a_kept_secret_is_not_kept_beside_an_address_that_changes_at_the_same_time(
    device: Device, alice: Account
) -> None:
    """The stars stand for the secret of the other address."""
    name = ConfigName.objects.create(name=":webhook", created_by=alice)

    def configure(url: str, secret: str) -> ConfigAttribute:
        return set_config_attribute(
            target=device.slug, org=device.org, name=name, data={"url": url, "secret": secret}, by=alice
        )

    configure("https://one.example", "first")

    _, second = overlapping(
        lambda: configure("https://two.example", "second"), lambda: configure("https://one.example", STARS)
    )

    assert isinstance(second, Invalid)


def test_two_health_checks_at_once_report_each_device_once(device: Device) -> None:
    assert device.project is not None
    make_watched_device(device.project)

    first, second = overlapping(lambda: check_device_health(now=NOW), lambda: check_device_health(now=NOW))

    assert (first, second) == (1, 0)
