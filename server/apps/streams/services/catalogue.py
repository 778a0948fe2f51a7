"""Maintenance of the catalogue: variables and widgets of sensor graphs, and variable types."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction

from server.apps.accounts.models import Account
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import SensorGraph
from server.apps.devices.services.catalogue import require_catalogue_manager
from server.apps.streams.models import (
    DisplayWidgetTemplate,
    VariableTemplate,
    VarType,
    VarTypeDecoder,
    VarTypeInputUnit,
    VarTypeOutputUnit,
    VarTypeSchema,
)
from server.core.errors import Conflict, Invalid
from server.lib.slugs import SlugError, input_unit_slug, name_slug, output_unit_slug

_FACTORS: Final = ("m", "d", "o")


@transaction.atomic
def add_variable_template(*, sg: SensorGraph, lid: int, by: Account, **fields: Any) -> VariableTemplate:
    """Add a variable that devices with this sensor graph get when they are claimed. Raises Conflict
    for a local variable id in use."""
    require_catalogue_manager(by, sg.org)
    template = VariableTemplate(sg=sg, lid=lid, **fields)
    _check_units(template)
    _save_variable_template(template, by)
    return template


@transaction.atomic
def change_variable_template(template: VariableTemplate, *, by: Account, **fields: Any) -> VariableTemplate:
    """Change a template. Devices that are already claimed keep the variable that they got."""
    require_catalogue_manager(by, template.sg.org)
    _check_graph(template.sg, fields)
    for field, value in fields.items():
        setattr(template, field, value)
    _check_units(template)
    _save_variable_template(template, by)
    return template


def _save_variable_template(template: VariableTemplate, by: Account) -> None:
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise Conflict(
            f"The sensor graph already has a variable {template.lid_hex}.", field="lid_hex"
        ) from error
    _record_change(template.sg, by)


def _check_units(template: VariableTemplate) -> None:
    """Raises Invalid for a unit of another variable type."""
    for field in ("default_input_unit", "default_output_unit"):
        unit = getattr(template, field)
        if unit is not None and unit.var_type_id != template.var_type_id:
            raise Invalid("This is a unit of another variable type.", field=field)


@transaction.atomic
def add_widget_template(*, sg: SensorGraph, by: Account, **fields: Any) -> DisplayWidgetTemplate:
    require_catalogue_manager(by, sg.org)
    widget = DisplayWidgetTemplate.objects.create(sg=sg, **fields)
    _record_change(sg, by)
    return widget


@transaction.atomic
def change_widget_template(
    widget: DisplayWidgetTemplate, *, by: Account, **fields: Any
) -> DisplayWidgetTemplate:
    require_catalogue_manager(by, widget.sg.org)
    _check_graph(widget.sg, fields)
    for field, value in fields.items():
        setattr(widget, field, value)
    widget.save(update_fields=[*fields])
    _record_change(widget.sg, by)
    return widget


def _check_graph(sg: SensorGraph, fields: dict[str, Any]) -> None:
    """Raises Invalid for a move to another sensor graph: devices were set up by the present one."""
    if fields.pop("sg", sg) != sg:
        raise Invalid("This cannot be changed: make a new one in the other sensor graph.", field="sg")


def _record_change(sg: SensorGraph, by: Account) -> None:
    """Record a change of a sensor graph. One that is built in belongs to no organisation, so there
    is no feed for it."""
    if sg.org is not None:
        record_change(
            org=sg.org,
            kind="sensor-graph",
            ref=sg.slug,
            verb=Verb.CHANGED,
            event="change-sensor-graph",
            by=by,
            audited=True,
        )


@dataclass(frozen=True, slots=True)
class VarTypeParts:
    """The parts of a variable type. None leaves a part as it is."""

    input_units: list[dict[str, Any]] | None = None
    output_units: list[dict[str, Any]] | None = None
    decoder: dict[str, Any] | None = None
    schema: dict[str, Any] | None = None


@transaction.atomic
def create_var_type(*, name: str, by: Account, parts: VarTypeParts, **fields: Any) -> VarType:
    """Create a variable type for all organisations. Raises Conflict when its name, or the slug made
    of it, exists."""
    require_catalogue_manager(by, None)
    try:
        var_type = VarType(slug=name_slug(name), name=name, **fields)
    except SlugError as error:
        raise Invalid(str(error), field="name") from error
    try:
        with transaction.atomic():
            var_type.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("There is a variable type with this name.", field="name") from error
    _save_parts(var_type, parts)
    return var_type


@transaction.atomic
def change_var_type(var_type: VarType, *, by: Account, parts: VarTypeParts, **fields: Any) -> VarType:
    """Change a variable type. Units can be added and renamed, but neither removed nor given other
    factors: stored values depend on them."""
    require_catalogue_manager(by, None)
    if fields.pop("name", var_type.name) != var_type.name:
        raise Invalid("This cannot be changed: make a new variable type.", field="name")
    for field, value in fields.items():
        setattr(var_type, field, value)
    var_type.save(update_fields=[*fields])
    _save_parts(var_type, parts)
    return var_type


def _save_parts(var_type: VarType, parts: VarTypeParts) -> None:
    for unit in parts.input_units or []:
        slug = _unit_slug(input_unit_slug, var_type, unit, "available_input_units")
        _save_unit(VarTypeInputUnit, slug, var_type, unit, "available_input_units")
    for unit in parts.output_units or []:
        slug = _unit_slug(output_unit_slug, var_type, unit, "available_output_units")
        _save_unit(VarTypeOutputUnit, slug, var_type, unit, "available_output_units")
    if parts.decoder is not None:
        VarTypeDecoder.objects.update_or_create(var_type=var_type, defaults=parts.decoder)
    if parts.schema is not None:
        VarTypeSchema.objects.update_or_create(var_type=var_type, defaults=parts.schema)
    if parts.decoder is not None or parts.schema is not None:
        VarType.objects.filter(pk=var_type.pk).update(
            is_encoded=VarTypeDecoder.objects.filter(var_type=var_type).exists(),
            has_schema=VarTypeSchema.objects.filter(var_type=var_type).exists(),
        )


def _unit_slug(make: Any, var_type: VarType, unit: dict[str, Any], field: str) -> str:
    """Return the given slug of an existing unit, or the slug made of a new unit's full name."""
    given = unit.pop("slug", "")
    if given:
        return str(given)
    try:
        return str(make(var_type.slug, unit["unit_full"]))
    except SlugError as error:
        raise Invalid(str(error), field=field) from error


def _save_unit(model: Any, slug: str, var_type: VarType, unit: dict[str, Any], field: str) -> None:
    found = model.objects.filter(pk=slug).first()
    if found is None:
        prefix = f"{slug.partition('--')[0]}--{var_type.slug}--"
        if not slug.startswith(prefix) or slug == prefix or len(slug) > 80:
            raise Invalid(f"{slug} is no slug of a unit of this variable type.", field=field)
        model.objects.create(slug=slug, var_type=var_type, **unit)
        return
    if found.var_type_id != var_type.pk:
        raise Invalid(f"{slug} is a unit of another variable type.", field=field)
    if any(name in unit and unit[name] != getattr(found, name) for name in _FACTORS):
        raise Invalid(f"The factors of {slug} cannot be changed: make a new unit.", field=field)
    for name, value in unit.items():
        setattr(found, name, value)
    found.save()
