"""Questions about the catalogue: components, device templates, project templates, sensor graphs, and their gates."""

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
from server.core.errors import Invalid, NotThere
from server.lib.slugs import DeviceSlug, SlugError

DEFAULT_PROJECT_TEMPLATE: Final = "default-template-v1-0-0"

Reader: TypeAlias = Account | AnonymousUser | Org
"""Who reads the catalogue: a person, or an organisation by its API key."""

Row = TypeVar("Row", bound=Model)


def in_catalogue(reader: Reader) -> Q:
    """What is built in or a vendor's is there for everybody; the rest for its organisation, and for staff, who keep it."""
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
    """What a project starts with whose creator names none; built in. None when an installation did away with it."""
    return ProjectTemplate.objects.filter(slug=DEFAULT_PROJECT_TEMPLATE, org=None).first()


def master_of(template: ProjectTemplate) -> Project | None:
    """The hidden project whose variables new ones with this template copy."""
    return template.projects.filter(is_template=True).first()


def project_template_of_device(user: Person, slug: str) -> ProjectTemplate | None:
    """What a project for this device would begin with. Of devices that are not the user's to see it says nothing."""
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
    """Which properties the reader's organisations want of devices with this sensor graph."""
    templates = sg.org_properties.select_related("org").prefetch_related("enums")
    return templates if reader.is_staff else templates.filter(is_member(reader))


def property_template_named(org: str, name: str) -> PropertyTemplate:
    """Any organisation's: for staff. Raises Invalid that names what is not there."""
    found = PropertyTemplate.objects.select_related("org").filter(org__slug=org, name=name).first()
    if found is None:
        raise Invalid("The organisation has no property template with this name.", field="name")
    return found


def _row_by_slug(rows: QuerySet[Row, Any], slug: str) -> Row:
    """A slug that cannot be one names nothing either."""
    found: Row | None = None if "\x00" in slug else rows.filter(slug=slug).first()
    if found is None:
        raise NotThere()
    return found
