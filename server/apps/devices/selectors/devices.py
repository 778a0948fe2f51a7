"""Questions about projects and devices, and their gates."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Q,
    QuerySet,
    Value,
)
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors import Person, is_member, org_ids_of_account_where
from server.apps.devices.models import Device, DeviceKey, DeviceTemplate, Project, SensorGraph
from server.core import credentials
from server.core.compiled import EXAMPLES, CompiledLookup
from server.core.errors import NotThere
from server.lib.formats import Keys
from server.lib.slugs import DeviceSlug, ProjectSlug, SlugError


def projects_of(user: Person) -> QuerySet[Project]:
    return Project.objects.filter(is_member(user), is_template=False).select_related("org", "created_by")


def project_for(user: Person, id_or_slug: str) -> Project:
    """The gate to a project, by UUID or `p--…` slug."""
    project = projects_of(user).filter(_project_is(id_or_slug)).first()
    if project is None:
        raise NotThere()
    return project


def _project_is(id_or_slug: str) -> Q:
    try:
        if id_or_slug[:3].lower() == "p--":
            return Q(slug=str(ProjectSlug.parse(id_or_slug)))
        return Q(pk=uuid.UUID(id_or_slug))
    except (SlugError, ValueError):
        return Q(pk__in=[])


def in_project(id_or_slug: str) -> Q:
    """A condition for querysets of what belongs to a project, by UUID or `p--…` slug. Raises ValueError."""
    if id_or_slug[:3].lower() == "p--":
        return Q(project__slug=str(ProjectSlug.parse(id_or_slug)))
    try:
        return Q(project_id=uuid.UUID(id_or_slug))
    except ValueError as error:
        raise ValueError(f"The UUID or the slug ({ProjectSlug.EXPECTED}) of a project is needed.") from error


def devices_of(user: Person) -> QuerySet[Device]:
    return Device.objects.filter(is_member(user)).select_related(
        "org", "project", "template", "sg", "claimed_by"
    )


def device_for(user: Person, slug: str) -> Device:
    """The gate to a device, by any form of its slug."""
    device = devices_of(user).filter(pk=device_number(slug)).first()
    if device is None:
        raise NotThere()
    return device


def is_silent(device: Device, *, now: datetime) -> bool:
    """Nothing came from an active device for longer than its owner expects, or ever."""
    if not device.active:
        return False
    patience = timedelta(seconds=device.expected_every_seconds)
    return device.last_report_on is None or now - device.last_report_on > patience


def _silent(now: datetime) -> Q:
    """`is_silent` as a condition."""
    patience = ExpressionWrapper(
        F("expected_every_seconds") * Value(timedelta(seconds=1)), output_field=DurationField()
    )
    overdue = Q(last_report_on__lt=ExpressionWrapper(Value(now) - patience, output_field=DateTimeField()))
    return Q(active=True) & (Q(last_report_on=None) | overdue)


def silent_devices_of(user: Person, *, now: datetime) -> QuerySet[Device]:
    """The longest silent first; those that never reported at the end."""
    return devices_of(user).filter(_silent(now)).order_by(F("last_report_on").asc(nulls_last=True), "id")


def recently_heard_devices_of(user: Person, *, limit: int) -> list[Device]:
    """Whose last report is newest. The newest reports of all are among theirs."""
    return list(devices_of(user).exclude(last_report_on=None).order_by("-last_report_on")[:limit])


def devices_in(user: Person, project: Project, *, words: str = "") -> QuerySet[Device]:
    """Of one project, by label; `words` are to be found in the label, the slug or the name of the sensor graph."""
    devices = devices_of(user).filter(project=project).order_by("label", "id")
    for word in words.split()[:10]:
        devices = devices.filter(
            Q(label__icontains=word) | Q(slug__icontains=word) | Q(sg__name__icontains=word)
        )
    return devices


@dataclass(frozen=True, slots=True)
class ProjectActivity:
    project: Project
    devices: int
    silent: int
    last_report_on: datetime | None


def projects_with_activity(user: Person, *, now: datetime) -> list[ProjectActivity]:
    """Every project of the user, also those without devices. Two queries."""
    counts = (
        Device.objects.filter(is_member(user), project__isnull=False)
        .order_by()
        .values("project_id")
        .annotate(count=Count("pk"), silent=Count("pk", filter=_silent(now)), last=Max("last_report_on"))
        .values_list("project_id", "count", "silent", "last")
    )
    by_project = {key: (count, silent, last) for key, count, silent, last in counts}
    return [
        ProjectActivity(project, *by_project.get(project.pk, (0, 0, None))) for project in projects_of(user)
    ]


def device_by_number(number: int) -> Device:
    """For the worker, which acts for nobody. Raises Device.DoesNotExist."""
    return Device.objects.select_related("project").get(pk=number)


def sensor_graph_of(org: Org, slug: str) -> SensorGraph | None:
    return SensorGraph.objects.filter(org=org, slug=slug).first()


def device_template_of(org: Org, slug: str) -> DeviceTemplate | None:
    return DeviceTemplate.objects.filter(org=org, slug=slug).first()


def device_number(slug: str) -> int:
    """Raises NotThere for what is no device slug: no such device either."""
    try:
        return DeviceSlug.parse(slug).number
    except SlugError as error:
        raise NotThere() from error


_DEVICE_OF_UPLOADER = CompiledLookup(
    Device,
    lambda user_id, number: Device.objects.filter(
        pk=number, org_id__in=org_ids_of_account_where(user_id, "can_create_stream_data")
    ),
    *EXAMPLES,
)


def uploadable_device_for(sender: Account | Device | None, number: int) -> Device:
    """The gate to a device for those who bring its reports: a member with `can_create_stream_data`, or itself.

    At most one query. Everyone else gets the answer for a device that is not there.
    """
    if isinstance(sender, Device):
        device = sender if sender.pk == number else None
    elif sender is not None:
        device = _DEVICE_OF_UPLOADER.first(sender.pk, number)
    else:
        device = None
    if device is None:
        raise NotThere()
    return device


def device_of_upload_key(key: str) -> Device | None:
    """Who holds this key. One query."""
    found = (
        DeviceKey.objects.select_related("device__project", "device__sg")
        .filter(kind=DeviceKey.Kind.UPLOAD, digest=credentials.digest(key), revoked_on=None)
        .first()
    )
    if found is None:
        return None
    now = timezone.now()
    if found.last_used_on is None or (now - found.last_used_on).total_seconds() > 300:
        DeviceKey.objects.filter(pk=found.pk).update(last_used_on=now)
    return found.device


def report_keys_of(number: int) -> Keys:
    """The root keys that sign and encrypt this device's reports."""
    sealed = dict(
        DeviceKey.objects.filter(device_id=number, revoked_on=None)
        .exclude(kind=DeviceKey.Kind.UPLOAD)
        .values_list("kind", "sealed")
    )
    opened = {kind: credentials.unseal(bytes(secret)) for kind, secret in sealed.items()}
    return Keys(user=opened.get(DeviceKey.Kind.REPORT_USER), device=opened.get(DeviceKey.Kind.REPORT_DEVICE))
