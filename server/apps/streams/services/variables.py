"""Variables of a project, and the templates they come from."""

import zlib
from collections.abc import Set
from typing import Final

from django.db import IntegrityError, transaction

from server.apps.accounts.models import Account
from server.apps.devices.models import Project, SensorGraph
from server.apps.streams.models import StreamVariable, VariableTemplate, VarTypeInputUnit, VarTypeOutputUnit
from server.core.errors import Conflict, Invalid
from server.lib.slugs import MOST_NAMED_VARIABLES, VariableSlug, named_variable


@transaction.atomic
def create_variable_template(
    *,
    sg: SensorGraph,
    label: str,
    lid: int,
    input_unit: VarTypeInputUnit | None,
    output_unit: VarTypeOutputUnit,
    ctype: str = "<L",
) -> VariableTemplate:
    _check_lid(lid)
    return VariableTemplate.objects.create(
        sg=sg,
        label=label,
        lid=lid,
        var_type=output_unit.var_type,
        default_input_unit=input_unit,
        default_output_unit=output_unit,
        ctype=ctype,
    )


@transaction.atomic
def create_variable(*, project: Project, lid: int, name: str, by: Account | None) -> StreamVariable:
    """Raises Invalid for a local variable id over 16 bits, Conflict when the project already has
    the variable."""
    _check_lid(lid)
    variable = _variable(project, lid, name, by)
    try:
        with transaction.atomic():
            variable.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"The project already has a variable {lid:04x}.", field="lid") from error
    return variable


def new_variable(*, project: Project, template: VariableTemplate, by: Account) -> StreamVariable:
    """Return an unsaved row with the fields of the template."""
    variable = _variable(project, template.lid, template.label, by)
    variable.var_type_id = template.var_type_id
    variable.input_unit_id = template.default_input_unit_id
    variable.output_unit = template.default_output_unit
    variable.multiplication_factor, variable.division_factor, variable.offset = (
        template.m,
        template.d,
        template.o,
    )
    variable.raw_value_format = template.ctype
    variable.app_only, variable.web_only = template.app_only, template.web_only
    if template.default_output_unit is not None:
        variable.decimal_places = template.default_output_unit.decimal_places
        variable.units = template.default_output_unit.unit_short
    return variable


_NOT_COPIED: Final = {"id", "slug", "project", "org", "derived_variable", "created_on"}


def copy_of_variable(variable: StreamVariable, project: Project) -> StreamVariable:
    """Return an unsaved copy for another project."""
    copy = StreamVariable(
        project=project, org_id=project.org_id, slug=str(VariableSlug(project.gid, variable.lid))
    )
    for field in StreamVariable._meta.concrete_fields:
        if field.name not in _NOT_COPIED:
            setattr(copy, field.attname, getattr(variable, field.attname))
    return copy


def free_lid(name: str, taken: Set[int]) -> int | None:
    """Return a local variable id for the name: nearly always the same one, in whatever project, so
    that slugs stay the same when a device is moved. None when all are taken."""
    first = zlib.crc32(name.encode())
    lids = (named_variable(first + step) for step in range(MOST_NAMED_VARIABLES))
    return next((lid for lid in lids if lid not in taken), None)


def _variable(project: Project, lid: int, name: str, by: Account | None) -> StreamVariable:
    return StreamVariable(
        project=project,
        org_id=project.org_id,
        lid=lid,
        name=name,
        slug=str(VariableSlug(project.gid, lid)),
        created_by=by,
    )


def _check_lid(lid: int) -> None:
    if not 0 <= lid <= 0xFFFF:
        raise Invalid("A local variable id has 16 bits.", field="lid")
