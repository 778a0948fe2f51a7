"""Questions about projects and devices, and their gates."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.selectors.accounts import Person, is_member, org_ids_of_account_where, org_ids_where
from server.apps.devices.models import (
    Device,
    DeviceTemplate,
    DeviceVersion,
    HealthState,
    Project,
    Property,
    PropertyType,
    SensorGraph,
)
from server.core.compiled import EXAMPLES, CompiledLookup
from server.core.errors import NotFound
from server.lib.slugs import DeviceSlug, ProjectSlug, SlugError


def projects_of(user: Person, *, staff: bool = False) -> QuerySet[Project]:
    """Of the user's organisations; `staff`: all."""
    visible = Q() if staff else Q(is_member(user))
    return Project.objects.filter(visible, is_template=False).select_related(
        "org", "created_by", "project_template"
    )


def project_for(user: Person, id_or_slug: str, *, staff: bool = False) -> Project:
    """The gate to a project, by UUID or `p--…` slug."""
    project = projects_of(user, staff=staff).filter(_project_is(id_or_slug)).first()
    if project is None:
        raise NotFound()
    return project


def _project_is(id_or_slug: str) -> Q:
    try:
        if id_or_slug[:3].lower() == "p--":
            return Q(slug=str(ProjectSlug.parse(id_or_slug)))
        return Q(pk=uuid.UUID(id_or_slug))
    except (SlugError, ValueError):
        return Q(pk__in=[])


def in_project(id_or_slug: str) -> Q:
    """A condition for querysets of what belongs to a project, by UUID or `p--…` slug. Raises
    ValueError."""
    if id_or_slug[:3].lower() == "p--":
        return Q(project__slug=str(ProjectSlug.parse(id_or_slug)))
    try:
        return Q(project_id=uuid.UUID(id_or_slug))
    except ValueError as error:
        raise ValueError(f"The UUID or the slug ({ProjectSlug.EXPECTED}) of a project is needed.") from error


def devices_of(user: Person, *, staff: bool = False) -> QuerySet[Device]:
    """Of the user's organisations, also those in no project; `staff`: all."""
    visible = Q() if staff else Q(is_member(user))
    return Device.objects.filter(visible).select_related("org", "project", "template", "sg", "claimed_by")


def device_for(user: Person, slug: str, *, staff: bool = False) -> Device:
    """The gate to a device, by any form of its slug."""
    device = devices_of(user, staff=staff).filter(pk=device_number(slug)).first()
    if device is None:
        raise NotFound()
    return device


def has_property(user: Person, text: str, *, staff: bool = False) -> Q:
    """A condition for objects with slugs: a property `name`, or `name__value`, that the user may
    read."""
    name, _, value = text.partition("__")
    matches = (
        Q(name=text) | Q(name=name, text=value) | Q(name=name, type=PropertyType.BOOL, text__iexact=value)
    )
    may_read = Q() if staff else Q(org_id__in=org_ids_where(user, "can_read_device_properties"))
    return Q(Exists(Property.objects.filter(matches, may_read, target=OuterRef("slug"))))


def property_is(user: Person, name: str, value: str, *, staff: bool = False) -> Q:
    """A condition for objects with slugs: the property has this value, and the user may read it."""
    matches = Q(text=value) | Q(type=PropertyType.BOOL, text__iexact=value)
    may_read = Q() if staff else Q(org_id__in=org_ids_where(user, "can_read_device_properties"))
    return Q(Exists(Property.objects.filter(matches, may_read, name=name, target=OuterRef("slug"))))


def versions_of(device: Device) -> list[DeviceVersion]:
    """Returns the present version of each type: the last one by reading id, so that a late report
    changes nothing."""
    return list(
        DeviceVersion.objects.filter(device=device)
        .order_by("type", "-streamer_local_id", "-updated_ts")
        .distinct("type")
    )


def count_projects_of(org: Org) -> int:
    return Project.objects.filter(org=org, is_template=False).count()


def count_devices_of(org: Org) -> int:
    return Device.objects.filter(org=org).count()


def count_devices_in(project: Project) -> tuple[int, int]:
    """Returns the numbers of active and of inactive devices."""
    active = Count("pk", filter=Q(active=True))
    counted = Device.objects.filter(project=project).aggregate(active=active, all=Count("pk"))
    return counted["active"], counted["all"] - counted["active"]


def is_silent(device: Device, *, now: datetime) -> bool:
    """Whether nothing came from an active device for longer than expected, or ever."""
    if not device.active:
        return False
    return device.last_report_on is None or now - device.last_report_on > device.patience


def health_of(device: Device, *, now: datetime, listening_since: datetime | None = None) -> HealthState:
    """Returns the present health. An inactive device is not expected to report. One that is overdue
    since the server did not listen (`is_unchecked`) keeps the state of the last mail."""
    if not device.health_check_enabled or not device.active:
        return HealthState.DISABLED
    if device.last_report_on is None:
        return HealthState.UNKNOWN
    if now - device.last_report_on <= device.patience:
        return HealthState.OK
    if is_unchecked(device, now=now, listening_since=listening_since):
        return HealthState.FAIL if device.last_known_state == HealthState.FAIL else HealthState.OK
    return HealthState.FAIL


def is_unchecked(device: Device, *, now: datetime, listening_since: datetime | None) -> bool:
    """Whether nothing came for longer than expected, but the server has not listened for as
    long."""
    if listening_since is None or device.last_report_on is None:
        return False
    return now - device.last_report_on > device.patience and now - listening_since <= device.patience


def _unchecked(now: datetime, listening_since: datetime | None) -> Q:
    """`is_unchecked` as a condition on devices that are overdue."""
    if listening_since is None:
        return Q(pk__in=[])
    return Q(expected_every_seconds__gte=(now - listening_since).total_seconds())


def _overdue(now: datetime) -> Q:
    patience = ExpressionWrapper(
        F("expected_every_seconds") * Value(timedelta(seconds=1)), output_field=DurationField()
    )
    return Q(last_report_on__lt=ExpressionWrapper(Value(now) - patience, output_field=DateTimeField()))


def _silent(now: datetime) -> Q:
    """`is_silent` as a condition."""
    return Q(active=True) & (Q(last_report_on=None) | _overdue(now))


def _notified_health(now: datetime, listening_since: datetime | None, hold: timedelta) -> Case:
    """The health to notify people of, as an expression: `health_of`, but what is unchecked keeps
    its state, and a silent device its silence until it has reported for as long as `hold`."""
    is_held = Q(last_known_state=HealthState.FAIL, reporting_since__gt=now - hold)
    return Case(
        When(Q(health_check_enabled=False) | Q(active=False), then=Value(HealthState.DISABLED)),
        When(last_report_on=None, then=Value(HealthState.UNKNOWN)),
        When(_overdue(now) & _unchecked(now, listening_since), then=F("last_known_state")),
        When(_overdue(now), then=Value(HealthState.FAIL)),
        When(is_held, then=Value(HealthState.FAIL)),
        default=Value(HealthState.OK),
        output_field=CharField(),
    )


def devices_with_changed_health(
    *, now: datetime, listening_since: datetime | None, hold: timedelta
) -> QuerySet[Device]:
    """Devices of all organisations whose health, annotated as `current_health`, differs from that
    of the last mail; without those that were never watched. Locked until the transaction ends, so
    that concurrent checks get different devices.
    """
    never_watched = Q(current_health=HealthState.DISABLED, last_known_state=HealthState.UNKNOWN)
    return (
        Device.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project")
        .annotate(current_health=_notified_health(now, listening_since, hold))
        .exclude(never_watched)
        .exclude(last_known_state=F("current_health"))
        .order_by("pk")
    )


def silent_devices_of(user: Person, *, now: datetime, staff: bool = False) -> QuerySet[Device]:
    """Of those in projects: others are not expected to report. The longest silent first, those that
    never reported last."""
    silent = devices_of(user, staff=staff).filter(_silent(now), project__isnull=False)
    return silent.order_by(F("last_report_on").asc(nulls_last=True), "id")


def recently_heard_devices_of(user: Person, *, limit: int) -> list[Device]:
    """Those with the newest last reports, so that the newest reports of all are among theirs."""
    return list(devices_of(user).exclude(last_report_on=None).order_by("-last_report_on")[:limit])


def devices_in(user: Person, project: Project, *, words: str = "") -> QuerySet[Device]:
    """Of one project, by label; each of `words` is in the label, the slug or the name of the sensor
    graph."""
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
    """For the worker, which acts for no user. Raises Device.DoesNotExist."""
    return Device.objects.select_related("project").get(pk=number)


def project_by_id(project_id: str) -> Project:
    """For jobs, which act for no user. Raises NotFound."""
    project = Project.objects.select_related("org").filter(pk=project_id).first()
    if project is None:
        raise NotFound("The project is gone.")
    return project


def has_devices(project: Project) -> bool:
    """Of any organisation."""
    return Device.objects.filter(project=project).exists()


def sensor_graph_of(org: Org, slug: str) -> SensorGraph | None:
    return SensorGraph.objects.filter(org=org, slug=slug).first()


def device_template_of(org: Org, slug: str) -> DeviceTemplate | None:
    return DeviceTemplate.objects.filter(org=org, slug=slug).first()


def device_number(slug: str) -> int:
    """Raises NotFound for what is no device slug."""
    try:
        return DeviceSlug.parse(slug).number
    except SlugError as error:
        raise NotFound() from error


def uploadable_devices(user_id: int) -> QuerySet[Device]:
    """Those whose reports this person may upload."""
    return Device.objects.filter(org_id__in=org_ids_of_account_where(user_id, "can_create_stream_data"))


_DEVICE_OF_UPLOADER = CompiledLookup(
    Device, lambda user_id, number: uploadable_devices(user_id).filter(pk=number), *EXAMPLES
)


Sender: TypeAlias = Account | Device | OrgApiKey
"""Who may upload reports."""


def may_upload(sender: Sender | None) -> bool:
    """Whether there is a device for which `uploadable_device_for` lets this caller through. At most
    one query."""
    if isinstance(sender, Device):
        return True
    if isinstance(sender, OrgApiKey):
        return OrgApiKey.Scope.UPLOAD in sender.scopes and Device.objects.filter(org=sender.org_id).exists()
    if sender is None:
        return False
    orgs = org_ids_of_account_where(sender.pk, "can_create_stream_data")
    return Device.objects.filter(org_id__in=orgs).exists()


def uploadable_device_for(sender: Sender | None, number: int) -> Device:
    """The gate to a device for callers who upload its reports: itself, a member with
    `can_create_stream_data`, or a program with an API key of its organisation that may upload.

    At most one query. Raises NotFound for everyone else.
    """
    if isinstance(sender, Device):
        device = sender if sender.pk == number else None
    elif isinstance(sender, OrgApiKey):
        may_upload = OrgApiKey.Scope.UPLOAD in sender.scopes
        device = Device.objects.filter(pk=number, org_id=sender.org_id).first() if may_upload else None
    elif sender is not None:
        device = _DEVICE_OF_UPLOADER.first(sender.pk, number)
    else:
        device = None
    if device is None:
        raise NotFound()
    return device
