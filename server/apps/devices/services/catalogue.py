"""Managing the catalogue. Names and versions never change: a new version is a new object."""

from typing import Any, Final, TypeAlias, TypeVar

from django.db import IntegrityError, transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import (
    Component,
    DeviceSlot,
    DeviceTemplate,
    Project,
    ProjectTemplate,
    PropertyTemplate,
    SensorGraph,
)
from server.apps.devices.services.numbers import next_project_number
from server.core.errors import Conflict, Forbidden, Invalid
from server.lib.slugs import ProjectSlug, SlugError, component_slug, versioned_slug

Version: TypeAlias = tuple[int, int, int]
Row = TypeVar("Row", Component, DeviceTemplate, ProjectTemplate, SensorGraph)

_KINDS: Final = {
    Component: "component",
    DeviceTemplate: "device-template",
    ProjectTemplate: "project-template",
    SensorGraph: "sensor-graph",
}
_IDENTITY: Final = ("name", "external_sku", "major_version", "minor_version", "patch_version", "org")


def require_catalogue_manager(by: Account, org: Org | None) -> None:
    """Staff may manage all of the catalogue, the managers of an organisation what belongs to it.
    Raises Forbidden."""
    if by.is_staff:
        return
    if org is None:
        raise Forbidden()
    require(by, "can_manage_org_and_projects", org)


def create_component(*, sku: str, version: Version, org: Org | None, by: Account, **fields: Any) -> Component:
    slug = _checked_slug("external_sku", sku, component_slug, version)
    return _create(Component(external_sku=sku, slug=slug, org=org, **fields), version, by)


def create_device_template(
    *, sku: str, version: Version, org: Org | None, by: Account, **fields: Any
) -> DeviceTemplate:
    slug = _checked_slug("external_sku", sku, versioned_slug, version)
    return _create(DeviceTemplate(external_sku=sku, slug=slug, org=org, **fields), version, by)


def create_sensor_graph(
    *, name: str, version: Version, org: Org | None, by: Account, **fields: Any
) -> SensorGraph:
    slug = _checked_slug("name", name, versioned_slug, version)
    return _create(SensorGraph(name=name, slug=slug, org=org, **fields), version, by)


@transaction.atomic
def create_project_template(
    *, name: str, version: Version, org: Org | None, by: Account, **fields: Any
) -> ProjectTemplate:
    """With its hidden master project, whose variables new projects copy; a built-in template has
    none."""
    slug = _checked_slug("name", name, versioned_slug, version)
    template = _create(ProjectTemplate(name=name, slug=slug, org=org, **fields), version, by)
    if org is not None:
        _create_master(template, org, by)
    return template


def _create_master(template: ProjectTemplate, org: Org, by: Account) -> Project:
    gid = next_project_number()
    return Project.objects.create(
        gid=gid,
        slug=str(ProjectSlug(gid)),
        name=template.slug[:50],
        org=org,
        is_template=True,
        project_template=template,
        created_by=by,
    )


def _checked_slug(field: str, name: str, make: Any, version: Version) -> str:
    try:
        return str(make(name, *version))
    except SlugError as error:
        raise Invalid(str(error), field=field) from error


@transaction.atomic
def _create(row: Row, version: Version, by: Account) -> Row:
    require_catalogue_manager(by, row.org)
    row.major_version, row.minor_version, row.patch_version = version
    row.created_by = by
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        kind = _KINDS[type(row)].replace("-", " ")
        raise Conflict(f"There is a {kind} with this name and version.") from error
    _record_change(row, Verb.CREATED, by)
    return row


@transaction.atomic
def change_catalogue(row: Row, *, by: Account, **fields: Any) -> Row:
    """Change a component, device template, project template or sensor graph. Raises Invalid for
    another name or version."""
    require_catalogue_manager(by, row.org)
    for field in _IDENTITY:
        if field in fields and fields.pop(field) != getattr(row, field):
            raise Invalid("This cannot be changed: make a new version instead.", field=field)
    for field, value in fields.items():
        setattr(row, field, value)
    row.save(update_fields=[*fields])
    _record_change(row, Verb.CHANGED, by)
    return row


@transaction.atomic
def fill_slot(*, template: DeviceTemplate, number: int, component: Component, by: Account) -> DeviceSlot:
    """Put a component into a slot, in place of the one that is there. Slot 0 is the
    controller's."""
    require_catalogue_manager(by, template.org)
    slot, _ = DeviceSlot.objects.update_or_create(
        template=template, number=number, defaults={"component": component}
    )
    _record_change(template, Verb.CHANGED, by)
    return slot


@transaction.atomic
def add_org_property(*, sg: SensorGraph, template: PropertyTemplate, by: Account) -> None:
    """Devices of the template's organisation with this sensor graph should have the property."""
    require_catalogue_manager(by, sg.org)
    sg.org_properties.add(template)
    record_change(
        org=template.org, kind="sensor-graph", ref=sg.slug, verb=Verb.CHANGED, event="add-org-property", by=by
    )


def _record_change(row: Row, verb: Verb, by: Account) -> None:
    """Not of what is built in, which belongs to no organisation."""
    if row.org is None:
        return
    kind = _KINDS[type(row)]
    word = "create" if verb == Verb.CREATED else "change"
    record_change(
        org=row.org, kind=kind, ref=row.slug, verb=verb, event=f"{word}-{kind}", by=by, audited=True
    )
