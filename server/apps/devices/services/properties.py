"""Properties of projects, devices and data blocks, and the templates of an organisation for
them."""

from typing import Any, Final, TypeAlias

from django.db import IntegrityError, transaction

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import Property, PropertyEnum, PropertyTemplate, PropertyType
from server.apps.devices.selectors.metadata import allowed_values
from server.apps.devices.services.metadata import MetadataTarget
from server.core.errors import Conflict, Forbidden, Invalid, NotFound

Value: TypeAlias = int | str | bool

_PERMISSION: Final = "can_modify_device_properties"
_MANAGE_TEMPLATES: Final = "can_manage_org_and_projects"


@transaction.atomic
def add_property(*, target: MetadataTarget, name: str, value: Value, by: Account) -> Property:
    """Raises Forbidden without `can_modify_device_properties`, Invalid for a value that the
    organisation does not allow, Conflict for a name that the target has already.
    """
    target.require(by, _PERMISSION)
    made = Property(org=target.org, target=target.slug, name=name, created_by=by)
    _assign_value(made, value)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"There is a property {name} already.", field="name") from error
    _record_change(made, Verb.CREATED, by)
    return made


@transaction.atomic
def set_property(*, target: MetadataTarget, name: str, value: Value, by: Account) -> Property:
    """Add the property, or change the one with this name. Raises as `add_property`, and Forbidden
    for one of the system's."""
    target.require(by, _PERMISSION)
    known = Property.objects.select_for_update().filter(target=target.slug, name=name).first()
    if known is None:
        return add_property(target=target, name=name, value=value, by=by)
    return change_property(known=known, target=target, by=by, value=value)


@transaction.atomic
def change_property(
    *,
    known: Property,
    target: MetadataTarget,
    by: Account,
    name: str | None = None,
    value: Value | None = None,
) -> Property:
    """What is None stays. Raises as `set_property`."""
    target.require(by, _PERMISSION)
    _require_not_system(known)
    known.name = name or known.name
    _assign_value(known, known.value if value is None else value)
    try:
        with transaction.atomic():
            known.save(update_fields=["name", "type", "text"])
    except IntegrityError as error:
        raise Conflict(f"There is a property {known.name} already.", field="name") from error
    _record_change(known, Verb.CHANGED, by)
    return known


@transaction.atomic
def delete_property(*, known: Property, target: MetadataTarget, by: Account) -> None:
    """Raises Forbidden without `can_modify_device_properties`, and for one of the system's."""
    target.require(by, _PERMISSION)
    _require_not_system(known)
    _record_change(known, Verb.DELETED, by)
    known.delete()


def _require_not_system(known: Property) -> None:
    if known.is_system:
        raise Forbidden("This property is the system's own.")


def _assign_value(known: Property, value: Value) -> None:
    """Raises Invalid."""
    known.type, known.text = type_of(value), str(value)
    allowed = allowed_values(known.org, known.name)
    if allowed and known.text not in allowed:
        raise Invalid(f"It must be one of: {', '.join(allowed[:20])}.", field=f"{known.type}_value")


def type_of(value: Value) -> PropertyType:
    if isinstance(value, bool):
        return PropertyType.BOOL
    return PropertyType.INT if isinstance(value, int) else PropertyType.STR


def _record_change(known: Property, verb: Verb, by: Account) -> None:
    record_change(
        org=known.org,
        kind="property",
        ref=f"{known.target} {known.name}",
        verb=verb,
        event=f"property-{verb}",
        by=by,
    )


@transaction.atomic
def create_property_template(
    *, org: Org, by: Account, changes: dict[str, Any], staff: bool = False
) -> PropertyTemplate:
    """`changes` holds `name` at least. Raises Forbidden without `can_manage_org_and_projects` in
    that organisation, Conflict."""
    _require_template_manager(org, by, staff)
    template = PropertyTemplate(org=org, created_by=by, **changes)
    _save_template(template)
    _record_template_change(template, Verb.CREATED, by)
    return template


@transaction.atomic
def change_property_template(
    *, template: PropertyTemplate, by: Account, changes: dict[str, Any], staff: bool = False
) -> PropertyTemplate:
    """Raises as `create_property_template`."""
    _require_template_manager(template.org, by, staff)
    for name, value in changes.items():
        setattr(template, name, value)
    _save_template(template)
    _record_template_change(template, Verb.CHANGED, by)
    return template


@transaction.atomic
def delete_property_template(*, template: PropertyTemplate, by: Account, staff: bool = False) -> None:
    """Existing properties stay. Raises Forbidden."""
    _require_template_manager(template.org, by, staff)
    _record_template_change(template, Verb.DELETED, by)
    template.delete()


@transaction.atomic
def add_enum(*, template: PropertyTemplate, value: str, by: Account, staff: bool = False) -> PropertyEnum:
    """Returns the value, the one that is there if there is one. Raises Forbidden."""
    _require_template_manager(template.org, by, staff)
    enum, created = PropertyEnum.objects.get_or_create(
        template=template, value=value, defaults={"created_by": by}
    )
    if created:
        _record_template_change(template, Verb.CHANGED, by)
    return enum


@transaction.atomic
def remove_enum(*, template: PropertyTemplate, value: str, by: Account, staff: bool = False) -> None:
    """Raises Forbidden; NotFound when there is no such value."""
    _require_template_manager(template.org, by, staff)
    deleted, _ = PropertyEnum.objects.filter(template=template, value=value).delete()
    if not deleted:
        raise NotFound(f"There is no value {value}.")
    _record_template_change(template, Verb.CHANGED, by)


def _require_template_manager(org: Org, by: Account, staff: bool) -> None:
    require(by, _MANAGE_TEMPLATES, org, staff=staff)


def _save_template(template: PropertyTemplate) -> None:
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise Conflict("There is a property template with this name.", field="name") from error


def _record_template_change(template: PropertyTemplate, verb: Verb, by: Account) -> None:
    record_change(
        org=template.org,
        kind="property-template",
        ref=template.name,
        verb=verb,
        event=f"property-template-{verb}",
        by=by,
    )
