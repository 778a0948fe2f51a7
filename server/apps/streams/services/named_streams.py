"""Streams of names: what a board sends as `temperature` is one variable of its project, and a
stream of the board."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.db import transaction

from server.apps.devices.models import Device, Project
from server.apps.devices.selectors.devices import device_by_number
from server.apps.devices.services.states import BUSY
from server.apps.streams.models import StreamId, StreamVariable
from server.apps.streams.models.variable import RawValueFormat
from server.apps.streams.services.streams import MOST_STREAMS_PER_DEVICE, new_stream
from server.apps.streams.services.variables import free_lid
from server.core.errors import Invalid, Unavailable
from server.lib.named_values import MOST_DECIMALS, USUAL_DECIMALS, NamedValue, guess
from server.lib.slugs import MOST_NAMED_VARIABLES, VariableSlug
from server.lib.units import Conversion, Mdo, RawFormat, UnitError

_CHOICES: Final = (*range(USUAL_DECIMALS, -1, -1), *range(USUAL_DECIMALS + 1, MOST_DECIMALS + 1))
"""How many decimals a new variable keeps: the first of these with which all of its first values can
be kept."""


def word_of(value: NamedValue, conversion: Conversion, *, nearest: bool) -> int:
    """Raises Invalid, by name and place."""
    try:
        return conversion.to_word(value.value, nearest=nearest)
    except UnitError as error:
        raise invalid(value, f"{error} Round it, or change what the variable keeps.") from error


def invalid(value: NamedValue, message: str) -> Invalid:
    error = value.error(message)
    return Invalid(error.message, field=error.field)


@transaction.atomic
def make_named_streams(*, device: Device, values: Sequence[NamedValue], nearest: bool) -> None:
    """Create the streams of the device that these values need, and the variables that its project
    lacks.

    Raises Invalid, by name, for what cannot be kept or is not wanted, before anything is created;
    Unavailable when the device is busy or was moved meanwhile.
    """
    by_name: dict[str, list[NamedValue]] = {}
    for value in values:
        by_name.setdefault(value.name, []).append(value)
    project = _lock_project(device)
    known = {
        variable.sent_name: variable
        for variable in StreamVariable.objects.select_related("input_unit").filter(
            project=project, sent_name__in=by_name
        )
    }
    for name, variable in known.items():
        _check_all(by_name[name], _conversion_of(variable), nearest=nearest)
    new = _new_variables(project, {n: v for n, v in by_name.items() if n not in known}, nearest=nearest)
    present = StreamId.objects.filter(device=device, project=project, block=None).count()
    if present + len(by_name) > MOST_STREAMS_PER_DEVICE:
        raise invalid(values[0], f"A device has at most {MOST_STREAMS_PER_DEVICE} streams.")
    StreamVariable.objects.bulk_create(new)
    streams = [
        new_stream(variable=each, project=project, device=device, by=None) for each in [*known.values(), *new]
    ]
    StreamId.objects.bulk_create(streams, ignore_conflicts=True)


def _lock_project(device: Device) -> Project:
    """Of two devices that send a new name at once, the second one finds its variable."""
    present = device_by_number(device.pk)
    if present.busy:
        raise Unavailable(BUSY)
    if present.project_id is None or present.project_id != device.project_id:
        raise Unavailable("The device is being moved to another project.")
    return Project.objects.select_for_update(no_key=True).get(pk=present.project_id)


def _conversion_of(variable: StreamVariable) -> Conversion:
    unit = None if variable.input_unit is None else variable.input_unit.mdo
    return Conversion(RawFormat(variable.raw_value_format), variable.mdo, unit)


def _check_all(values: Iterable[NamedValue], conversion: Conversion, *, nearest: bool) -> None:
    for value in values:
        word_of(value, conversion, nearest=nearest)


def _new_variables(
    project: Project, by_name: Mapping[str, Sequence[NamedValue]], *, nearest: bool
) -> list[StreamVariable]:
    """Return unsaved variables."""
    if not by_name:
        return []
    if not project.names_make_variables:
        first = next(iter(by_name.values()))[0]
        raise invalid(first, "The project has no variable of this name, and names make none in it.")
    taken = set(StreamVariable.objects.filter(project=project).values_list("lid", flat=True))
    variables: list[StreamVariable] = []
    for name, values in by_name.items():
        lid = free_lid(name, taken)
        if lid is None:
            raise invalid(values[0], f"A project has at most {MOST_NAMED_VARIABLES} variables of names.")
        taken.add(lid)
        variables.append(_new_variable(project, lid, name, _decimals_for(values, nearest=nearest)))
    return variables


def _decimals_for(values: Sequence[NamedValue], *, nearest: bool) -> int:
    fitting = (each for each in _CHOICES if _fit(values, each, nearest=nearest))
    decimals = next(fitting, USUAL_DECIMALS)
    _check_all(values, _decimal(decimals), nearest=nearest)
    return decimals


def _fit(values: Sequence[NamedValue], decimals: int, *, nearest: bool) -> bool:
    try:
        _check_all(values, _decimal(decimals), nearest=nearest)
    except Invalid:
        return False
    return True


def _decimal(decimals: int) -> Conversion:
    return Conversion(RawFormat.SIGNED, Mdo(1, 10**decimals))


def _new_variable(project: Project, lid: int, name: str, decimals: int) -> StreamVariable:
    known = guess(name)
    return StreamVariable(
        project=project,
        org_id=project.org_id,
        lid=lid,
        name=name,
        sent_name=name,
        slug=str(VariableSlug(project.gid, lid)),
        units=known.unit,
        raw_value_format=RawValueFormat.SIGNED,
        division_factor=10**decimals,
        decimal_places=min(known.shown_decimals, decimals) if known.unit else decimals,
    )
