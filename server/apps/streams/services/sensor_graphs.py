"""Variables of the project and streams of the device that a sensor graph requires."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.streams.models import StreamId, StreamVariable, VariableTemplate
from server.apps.streams.services.streams import new_stream
from server.apps.streams.services.variables import new_variable

Row = TypeVar("Row", StreamVariable, StreamId)

_OF_STREAMS: Final = (
    *("declared", "created_by_id", "var_name", "var_type_id", "input_unit_id", "output_unit_id"),
    "raw_value_format",
)
_OF_VARIABLES: Final = (
    *("declared", "created_by_id", "name", "units", "var_type_id", "input_unit_id", "output_unit_id"),
    *("multiplication_factor", "division_factor", "offset", "decimal_places", "raw_value_format"),
    *("app_only", "web_only"),
)


def follow_sensor_graph(*, device: Device, by: Account) -> None:
    """Create missing variables of the project and missing streams of the device that its sensor
    graph requires.

    Existing variables stay as they are, including those that another process creates at the same
    time; but those that only reports made get what the sensor graph says of them.
    """
    project = device.project
    if project is None or device.sg_id is None:
        return
    templates = list(
        VariableTemplate.objects.filter(sg_id=device.sg_id).select_related("default_output_unit")
    )
    if not templates:
        return
    named = [new_variable(project=project, template=template, by=by) for template in templates]
    StreamVariable.objects.bulk_create(named, ignore_conflicts=True)
    lids = [template.lid for template in templates]
    variables = StreamVariable.objects.filter(project=project, lid__in=lids)
    template_of = {each.lid: each for each in named}
    _declare([(row, template_of[row.lid]) for row in variables.filter(declared=False)], _OF_VARIABLES)
    streams = [new_stream(variable=variable, project=project, device=device, by=by) for variable in variables]
    StreamId.objects.bulk_create(streams, ignore_conflicts=True)
    existing = StreamId.objects.filter(device=device, project=project, block=None, var_lid__in=lids)
    named_as = {each.var_lid: each for each in streams}
    _declare([(row, named_as[row.var_lid]) for row in existing.filter(declared=False)], _OF_STREAMS)


def _declare(pairs: Iterable[tuple[Row, Row]], fields: Sequence[str]) -> None:
    """Give each first row, which only reports made, the fields of the second."""
    for row, named in pairs:
        for name in fields:
            setattr(row, name, getattr(named, name))
        row.save(update_fields=fields)
