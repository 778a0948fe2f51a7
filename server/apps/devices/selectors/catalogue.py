"""Questions about the catalogue: components, device templates, project templates, sensor graphs,
and their gates."""

from typing import Any, Final, TypeAlias, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import Person, is_member
from server.apps.devices.models import (
    Component,
    Device,
    DeviceSlot,
    DeviceTemplate,
    Project,
    ProjectTemplate,
    PropertyTemplate,
    SensorGraph,
)
from server.core.errors import Invalid, NotFound
from server.lib.slugs import DeviceSlug, SlugError

DEFAULT_PROJECT_TEMPLATE: Final = "default-template-v1-0-0"

Reader: TypeAlias = Account | AnonymousUser | Org
"""Who reads the catalogue: a person, or an organisation by its API key."""

Row = TypeVar("Row", bound=Model)


def in_catalogue(reader: Reader) -> Q:
    """A condition: everybody reads what is built in or a vendor's, an organisation its own, and
    staff everything."""
    if isinstance(reader, Org):
        return Q(org=None) | Q(org__is_vendor=True) | Q(org=reader)
    if reader.is_staff:
        return Q()
    return Q(org=None) | Q(org__is_vendor=True) | Q(is_member(reader))


def components_for(reader: Reader) -> QuerySet[Component]:
    return Component.objects.filter(in_catalogue(reader)).select_related("org")


def component_for(reader: Reader, slug: str) -> Component:
    return _row_by_slug(components_for(reader), slug)


def component_by_slug(slug: str) -> Component | None:
    """Any: for staff, who may name every one."""
    return Component.objects.filter(slug=slug).first()


def device_templates_for(reader: Reader) -> QuerySet[DeviceTemplate]:
    templates = DeviceTemplate.objects.filter(in_catalogue(reader))
    return templates.select_related("org").prefetch_related("slots__component")


def device_template_for(reader: Reader, slug: str) -> DeviceTemplate:
    return _row_by_slug(device_templates_for(reader), slug)


def slots_of(template: DeviceTemplate) -> QuerySet[DeviceSlot]:
    return template.slots.select_related("component").order_by("number")


def project_templates_for(reader: Reader) -> QuerySet[ProjectTemplate]:
    return ProjectTemplate.objects.filter(in_catalogue(reader)).select_related("org")


def project_template_for(reader: Reader, slug: str) -> ProjectTemplate:
    return _row_by_slug(project_templates_for(reader), slug)


def project_template_by_slug(slug: str) -> ProjectTemplate | None:
    """Any: for staff, who may name every one."""
    return ProjectTemplate.objects.filter(slug=slug).first()


def default_project_template() -> ProjectTemplate | None:
    """The built-in template of projects whose creator names none. None when the installation has
    deleted it."""
    return ProjectTemplate.objects.filter(slug=DEFAULT_PROJECT_TEMPLATE, org=None).first()


def master_of(template: ProjectTemplate) -> Project | None:
    """The hidden project whose variables new ones with this template copy."""
    return template.projects.filter(is_template=True).first()


def project_template_of_device(user: Person, slug: str) -> ProjectTemplate | None:
    """Returns the template that a project for this device would start with; None for devices that
    the user may not see."""
    try:
        number = DeviceSlug.parse(slug).number
    except SlugError:
        return None
    return ProjectTemplate.objects.filter(
        Exists(Device.objects.filter(is_member(user), pk=number, sg__project_template=OuterRef("pk")))
    ).first()


def sensor_graphs_for(reader: Reader) -> QuerySet[SensorGraph]:
    return SensorGraph.objects.filter(in_catalogue(reader)).select_related("org", "project_template")


def sensor_graph_for(reader: Reader, slug: str) -> SensorGraph:
    return _row_by_slug(sensor_graphs_for(reader), slug)


def sensor_graph_by_slug(slug: str) -> SensorGraph | None:
    """Any: for staff, who may name every one."""
    return SensorGraph.objects.filter(slug=slug).first()


def property_templates_of_graph(reader: Person, sg: SensorGraph) -> QuerySet[PropertyTemplate]:
    """Those that the reader's organisations want devices with this sensor graph to have."""
    templates = sg.org_properties.select_related("org").prefetch_related("enums").order_by("name", "pk")
    return templates if reader.is_staff else templates.filter(is_member(reader))


def property_template_by_id(template_id: int, *, org: str | None = None) -> PropertyTemplate:
    """Of any organisation, or of this one: for staff. Raises Invalid when there is none."""
    templates = PropertyTemplate.objects.select_related("org").filter(pk=template_id)
    found = templates.filter(**({} if org is None else {"org__slug": org})).first()
    if found is None:
        raise Invalid("There is no property template with this id.", field="id")
    return found


def property_template_named(org: str, name: str) -> PropertyTemplate:
    """Of any organisation: for staff. Raises Invalid when there is none."""
    found = PropertyTemplate.objects.select_related("org").filter(org__slug=org, name=name).first()
    if found is None:
        raise Invalid("The organisation has no property template with this name.", field="name")
    return found


def _row_by_slug(rows: QuerySet[Row, Any], slug: str) -> Row:
    """Raises NotFound, also for text that PostgreSQL does not take."""
    found: Row | None = None if "\x00" in slug else rows.filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found
