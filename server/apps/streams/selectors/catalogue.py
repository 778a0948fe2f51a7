"""Variable types, and the variables and widgets of sensor graphs."""

from collections.abc import Iterable

from django.db.models import QuerySet, prefetch_related_objects

from server.apps.devices.models import Device, SensorGraph
from server.apps.devices.selectors.catalogue import Reader, sensor_graphs_for
from server.apps.streams.models import (
    DisplayWidgetTemplate,
    VariableTemplate,
    VarType,
    VarTypeInputUnit,
    VarTypeOutputUnit,
)
from server.core.errors import NotFound

_MOST_DIGITS = 18


def full_sensor_graphs_for(reader: Reader) -> QuerySet[SensorGraph]:
    """Return sensor graphs with their variables and widgets. A constant number of queries."""
    return sensor_graphs_for(reader).prefetch_related("variable_templates", "display_widget_templates")


def full_sensor_graph_of(device: Device) -> SensorGraph | None:
    """Return the sensor graph of a device that the caller may see."""
    if device.sg is not None:
        prefetch_related_objects([device.sg], "variable_templates", "display_widget_templates", "org")
    return device.sg


def full_sensor_graph_for(reader: Reader, slug: str) -> SensorGraph:
    """The gate to a sensor graph with its variables and widgets."""
    found = None if "\x00" in slug else full_sensor_graphs_for(reader).filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found


def variable_template_of_staff(pk: str) -> VariableTemplate:
    """The gate for staff, who alone use ids; everyone else reads templates with their sensor
    graph."""
    found = VariableTemplate.objects.select_related("sg__org").filter(pk=_parse_id(pk)).first()
    if found is None:
        raise NotFound()
    return found


def widget_template_of_staff(pk: str) -> DisplayWidgetTemplate:
    found = DisplayWidgetTemplate.objects.select_related("sg__org").filter(pk=_parse_id(pk)).first()
    if found is None:
        raise NotFound()
    return found


def _parse_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise NotFound()
    return int(text)


def var_types() -> QuerySet[VarType]:
    """Return all variable types, which belong to everyone, with units, decoder and schema. A
    constant number of queries."""
    units = ("available_input_units", "available_output_units")
    return VarType.objects.select_related("decoder", "schema").prefetch_related(*units)


def var_type_for(slug: str) -> VarType:
    found = None if "\x00" in slug else var_types().filter(pk=slug).first()
    if found is None:
        raise NotFound()
    return found


def var_type_by_slug(slug: str) -> VarType | None:
    return VarType.objects.filter(pk=slug).first()


def input_unit_by_slug(slug: str) -> VarTypeInputUnit | None:
    return VarTypeInputUnit.objects.filter(pk=slug).first()


def output_unit_by_slug(slug: str) -> VarTypeOutputUnit | None:
    return VarTypeOutputUnit.objects.select_related("var_type").filter(pk=slug).first()


def input_units_by_slug(slugs: Iterable[str | None]) -> dict[str, VarTypeInputUnit]:
    """Return those that exist. At most one query."""
    return VarTypeInputUnit.objects.in_bulk([slug for slug in slugs if slug])


def output_units_by_slug(slugs: Iterable[str | None]) -> dict[str, VarTypeOutputUnit]:
    """Return those that exist. At most one query."""
    return VarTypeOutputUnit.objects.in_bulk([slug for slug in slugs if slug])
