"""Questions about properties, configuration and locations. The gate to their targets is in
`streams`."""

from datetime import datetime

from django.db.models import Q, QuerySet

from server.apps.accounts.models import Org
from server.apps.accounts.selectors.accounts import Person, is_member
from server.apps.devices.models import (
    ConfigAttribute,
    ConfigName,
    DeviceLocation,
    Property,
    PropertyEnum,
    PropertyTemplate,
)
from server.core.errors import NotFound

_MAX_DIGITS = 18


def row_number(text: str) -> int:
    """The primary key in a path. Raises NotFound for what cannot be one."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise NotFound()
    return int(text)


def properties_of(target: str) -> QuerySet[Property]:
    return Property.objects.filter(target=target).order_by("name", "id")


def property_by_id(pk: str) -> Property:
    """Of any organisation: the caller checks the gate to its target. Raises NotFound."""
    found = Property.objects.select_related("org").filter(pk=row_number(pk)).first()
    if found is None:
        raise NotFound()
    return found


def allowed_values(org: Org, name: str) -> list[str]:
    """Returns the values that the organisation's template allows for this name; empty: any."""
    enums = PropertyEnum.objects.filter(template__org=org, template__name=name)
    return list(enums.values_list("value", flat=True))


def property_templates_of(user: Person, *, staff: bool = False) -> QuerySet[PropertyTemplate]:
    """Of the user's organisations; `staff`: all."""
    visible = Q() if staff else Q(is_member(user))
    templates = PropertyTemplate.objects.filter(visible).order_by("name", "id")
    return templates.select_related("org", "created_by").prefetch_related("enums")


def property_template_for(user: Person, pk: str, *, staff: bool = False) -> PropertyTemplate:
    """The gate to a property template."""
    found = property_templates_of(user, staff=staff).filter(pk=row_number(pk)).first()
    if found is None:
        raise NotFound()
    return found


def enums_of(template: PropertyTemplate) -> QuerySet[PropertyEnum]:
    return template.enums.select_related("created_by", "template__org")


def locations_of(
    target: str, *, start: datetime | None = None, end: datetime | None = None
) -> QuerySet[DeviceLocation]:
    """By time, from `start` to before `end`."""
    locations = DeviceLocation.objects.filter(target=target)
    if start is not None:
        locations = locations.filter(timestamp__gte=start)
    if end is not None:
        locations = locations.filter(timestamp__lt=end)
    return locations.select_related("user").order_by("timestamp", "id")


def location_by_id(pk: str) -> DeviceLocation:
    """Of any organisation: the caller checks the gate to its target. Raises NotFound."""
    found = DeviceLocation.objects.select_related("user").filter(pk=row_number(pk)).first()
    if found is None:
        raise NotFound()
    return found


def config_names() -> QuerySet[ConfigName]:
    return ConfigName.objects.select_related("created_by")


def config_name_by_id(pk: str) -> ConfigName:
    found = config_names().filter(pk=row_number(pk)).first()
    if found is None:
        raise NotFound()
    return found


def config_name(name: str) -> ConfigName | None:
    return ConfigName.objects.filter(name=name).first()


def config_attributes_of(target: str, *, named_like: str = "") -> QuerySet[ConfigAttribute]:
    attributes = ConfigAttribute.objects.filter(target=target, name__name__icontains=named_like)
    return attributes.select_related("name").order_by("name__name", "id")


def config_attribute_by_id(pk: str) -> ConfigAttribute:
    """Of any organisation: the caller checks the gate to its target. Raises NotFound."""
    found = ConfigAttribute.objects.select_related("name", "org").filter(pk=row_number(pk)).first()
    if found is None:
        raise NotFound()
    return found


def first_config_attribute(targets: list[str], name: str) -> ConfigAttribute:
    """Returns the attribute of the first target that has it. One query. Raises NotFound."""
    found = ConfigAttribute.objects.select_related("name").filter(target__in=targets, name__name=name)
    attributes = {attribute.target: attribute for attribute in found}
    for target in targets:
        if target in attributes:
            return attributes[target]
    raise NotFound()
