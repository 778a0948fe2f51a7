"""Use cases of projects, devices and their keys."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Device, DeviceKey, DeviceTemplate, Project, SensorGraph
from server.core import credentials
from server.core.errors import Conflict, Invalid
from server.lib.slugs import DeviceSlug, ProjectSlug, versioned_slug

REPORT_IS_NOTED_EVERY = timedelta(seconds=10)
DEVICE_KEY_PREFIX = "fdk_"


@transaction.atomic
def create_project(*, name: str, org: Org, by: Account, about: str = "") -> Project:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('devices_project_gid')")
        gid = int(cursor.fetchone()[0])
    return Project.objects.create(
        name=name, about=about, org=org, created_by=by, gid=gid, slug=str(ProjectSlug(gid))
    )


def create_device_template(
    *, sku: str, version: tuple[int, int, int], org: Org, by: Account
) -> DeviceTemplate:
    major, minor, patch = version
    try:
        with transaction.atomic():
            return DeviceTemplate.objects.create(
                external_sku=sku,
                slug=versioned_slug(sku, *version),
                major_version=major,
                minor_version=minor,
                patch_version=patch,
                org=org,
                created_by=by,
            )
    except IntegrityError as error:
        raise Conflict("There is a device template with this name and version.") from error


def create_sensor_graph(*, name: str, version: tuple[int, int, int], org: Org, by: Account) -> SensorGraph:
    major, minor, patch = version
    try:
        with transaction.atomic():
            return SensorGraph.objects.create(
                name=name,
                slug=versioned_slug(name, *version),
                major_version=major,
                minor_version=minor,
                patch_version=patch,
                org=org,
                created_by=by,
            )
    except IntegrityError as error:
        raise Conflict("There is a sensor graph with this name and version.") from error


@transaction.atomic
def create_device(
    *,
    number: int,
    by: Account | None,
    template: DeviceTemplate | None = None,
    sg: SensorGraph | None = None,
    label: str = "",
) -> Device:
    """A device that exists and is nobody's yet. Raises Invalid for a number over 48 bits, Conflict for a known one."""
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
        )
    except IntegrityError as error:
        raise Conflict(f"There is a device {slug} already.", field="id") from error


def enter_project(*, device: Device, project: Project, by: Account) -> None:
    """Part of claiming, which is a use case of `streams`. Raises Conflict when it is in a project already."""
    not_set_aside_for_another = Q(org=None) | Q(org=project.org)
    entered = Device.objects.filter(not_set_aside_for_another, pk=device.pk, project=None).update(
        project=project, org_id=project.org_id, claimed_by=by, claimed_on=timezone.now()
    )
    if entered != 1:
        raise Conflict("Device is not claimable")
    device.refresh_from_db()


@transaction.atomic
def issue_upload_key(*, device: Device, by: Account | None) -> str:
    """The key in the clear, which is nowhere kept; the one before stops working."""
    key = DEVICE_KEY_PREFIX + secrets.token_urlsafe(32)
    _revoke(device, DeviceKey.Kind.UPLOAD)
    DeviceKey.objects.create(
        device=device, kind=DeviceKey.Kind.UPLOAD, digest=credentials.digest(key), created_by=by
    )
    return key


@transaction.atomic
def set_report_key(*, device: Device, kind: DeviceKey.Kind, root_key: bytes, by: Account | None) -> None:
    """The root key (32 bytes) that signs and encrypts this device's reports; kept sealed."""
    if kind == DeviceKey.Kind.UPLOAD or len(root_key) != 32:
        raise Invalid("A report root key has 32 bytes.", field="root_key")
    _revoke(device, kind)
    DeviceKey.objects.create(device=device, kind=kind, sealed=credentials.seal(root_key), created_by=by)


def _revoke(device: Device, kind: DeviceKey.Kind) -> None:
    """Locks the device until the new key is in, so that of two who ask at once each gets one, and the later one's is valid."""
    Device.objects.select_for_update(no_key=True).get(pk=device.pk)
    DeviceKey.objects.filter(device=device, kind=kind, revoked_on=None).update(revoked_on=timezone.now())


def note_report(*, device: Device, on: datetime) -> None:
    """Something came from this device. Noted when the last note is older than anybody looks at: a write for each report costs."""
    if device.last_report_on is not None and on - device.last_report_on < REPORT_IS_NOTED_EVERY:
        return
    Device.objects.filter(pk=device.pk).update(last_report_on=on)


def expect_reports(*, device: Device, every_seconds: int) -> None:
    """It counts as silent when nothing came for longer. Raises Invalid for less than a second."""
    if every_seconds < 1:
        raise Invalid("A device can be expected once a second at most.", field="expected_every_seconds")
    Device.objects.filter(pk=device.pk).update(expected_every_seconds=every_seconds)
