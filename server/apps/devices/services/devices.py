"""Use cases of devices."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import (
    ConfigAttribute,
    Device,
    DeviceKey,
    DeviceLocation,
    DeviceTemplate,
    HealthState,
    Project,
    Property,
    SensorGraph,
)
from server.apps.devices.services.health_checks import schedule_health_check
from server.apps.devices.services.keys import (
    issue_claim_code,
    issue_upload_key,
    revoke_keys_at_claim,
    set_report_key,
)
from server.apps.devices.services.numbers import next_device_number
from server.core.errors import Conflict, Forbidden, Invalid
from server.lib.slugs import DeviceSlug

LAST_REPORT_RESOLUTION = timedelta(seconds=10)
_HTTP_TEMPLATE: Final = "http-device-v1-0-0"


@transaction.atomic
def create_device(
    *,
    number: int,
    by: Account | None,
    template: DeviceTemplate | None = None,
    sg: SensorGraph | None = None,
    label: str = "",
    external_id: str = "",
    org: Org | None = None,
) -> Device:
    """Create a device in no project; `org` sets it aside for an organisation. Raises Invalid for a
    number over 48 bits, Conflict for a known one.
    """
    if not 0 <= number < 2**48:
        raise Invalid("A device number has 48 bits.", field="id")
    slug = str(DeviceSlug(number))
    if Device.objects.filter(pk=number).exists():
        raise Conflict(f"There is a device {slug} already.", field="id")
    try:
        return Device.objects.create(
            id=number,
            slug=slug,
            template=template,
            sg=sg,
            created_by=by,
            label=label or f"Device ({slug[-4:]})",
            external_id=external_id,
            org=org,
        )
    except IntegrityError as error:
        raise Conflict(f"There is a device {slug} already.", field="id") from error


@dataclass(frozen=True, slots=True)
class DeviceWithSecrets:
    """The secrets are in the clear, and shown once."""

    device: Device
    upload_key: str
    claim_code: str


def create_http_device(*, org: Org, by: Account, label: str = "") -> Device:
    """Create a device that sends values over HTTP, set aside for the organisation. Part of the use
    case of `lifecycle`, which checks rights and puts it into a project."""
    template = DeviceTemplate.objects.filter(slug=_HTTP_TEMPLATE, org=None).first()
    device = create_device(number=next_device_number(), by=by, template=template, label=label, org=org)
    _record_change(device, org, "create-http-device", by, audited=True, verb=Verb.CREATED)
    return device


@transaction.atomic
def create_device_with_secrets(
    *,
    number: int,
    by: Account,
    template: DeviceTemplate | None = None,
    sg: SensorGraph | None = None,
    label: str = "",
    external_id: str = "",
    org: Org | None = None,
    report_key: bytes | None = None,
) -> DeviceWithSecrets:
    """Create a device as it leaves the factory: with an upload key, and a claim code for its box;
    `report_key` is the user's root key of its reports."""
    device = create_device(
        number=number, by=by, template=template, sg=sg, label=label, external_id=external_id, org=org
    )
    upload_key = issue_upload_key(device=device, by=by)
    if report_key is not None:
        set_report_key(device=device, kind=DeviceKey.Kind.REPORT_USER, root_key=report_key, by=by)
    return DeviceWithSecrets(device, upload_key, issue_claim_code(device=device, by=by))


def enter_project(*, device: Device, project: Project, by: Account) -> None:
    """Part of claiming, which is a use case of `lifecycle`. Raises Conflict when it is in a project
    already."""
    not_set_aside_for_another = Q(org=None) | Q(org=project.org)
    entered = Device.objects.filter(not_set_aside_for_another, pk=device.pk, project=None).update(
        project=project, org_id=project.org_id, claimed_by=by, claimed_on=timezone.now()
    )
    if entered != 1:
        raise Conflict("Device is not claimable")
    revoke_keys_at_claim(device=device)
    device.refresh_from_db()
    device.project = project
    _record_change(device, project.org, "claim-device", by, audited=True, details={"project": project.slug})


@transaction.atomic
def semi_claim(*, device: Device, org: Org, by: Account) -> Device:
    """Set a device aside for an organisation, which may then claim it without a proof. Staff only.
    Raises Forbidden, Conflict for a device that is in a project.
    """
    if not by.is_staff:
        raise Forbidden()
    if Device.objects.filter(pk=device.pk, project=None).update(org=org) != 1:
        raise Conflict("The device is claimed already.")
    device.org = org
    _record_change(device, org, "semi-claim-device", by, audited=True)
    return device


@transaction.atomic
def change_device(*, device: Device, by: Account, changes: dict[str, Any]) -> Device:
    """Part of the use case of `lifecycle`, which checks rights and values and sets `active` with
    `state`."""
    if not changes:
        return device
    for name, value in changes.items():
        setattr(device, name, value)
    device.save(update_fields=list(changes))
    if device.org is not None:
        software = "sg" in changes or "template" in changes
        details = {"fields": sorted(changes)}
        _record_change(device, device.org, "change-device", by, audited=software, details=details)
    return device


@transaction.atomic
def delete_device(*, device: Device, by: Account) -> None:
    """Delete an unclaimed device without data. Staff only. Raises Forbidden, Conflict."""
    if not by.is_staff:
        raise Forbidden()
    if device.claimed:
        raise Conflict("The device is claimed. Unclaim it first.")
    if device.org is not None:
        _record_change(device, device.org, "delete-device", by, audited=True, verb=Verb.DELETED)
    for kind in (Property, ConfigAttribute, DeviceLocation):
        kind.objects.filter(target=device.slug).delete()
    try:
        with transaction.atomic():
            device.delete()
    except ProtectedError as error:
        raise Conflict("The device has data. Delete its streams with the unclaim.") from error


def _record_change(
    device: Device,
    org: Org,
    event: str,
    by: Account,
    *,
    audited: bool,
    details: dict[str, Any] | None = None,
    verb: Verb = Verb.CHANGED,
) -> None:
    record_change(
        org=org,
        kind="device",
        ref=device.slug,
        verb=verb,
        event=event,
        by=by,
        audited=audited,
        details=details,
    )


def touch_last_report(*, device: Device, on: datetime) -> None:
    """Record that the device sent something, unless that was recorded within
    LAST_REPORT_RESOLUTION: a write per report is too much."""
    if device.last_report_on is not None and on - device.last_report_on < LAST_REPORT_RESOLUTION:
        return
    changes = {"last_report_on": on}
    if device.last_report_on is None or on - device.last_report_on > device.patience:
        changes["reporting_since"] = on
    Device.objects.filter(pk=device.pk).update(**changes)
    if device.last_known_state == HealthState.FAIL:
        schedule_health_check()


def expect_reports(*, device: Device, every_seconds: int) -> None:
    """The device counts as silent when nothing came for longer. Raises Invalid for less than a
    second."""
    if every_seconds < 1:
        raise Invalid("A device can be expected once a second at most.", field="expected_every_seconds")
    Device.objects.filter(pk=device.pk).update(expected_every_seconds=every_seconds)
