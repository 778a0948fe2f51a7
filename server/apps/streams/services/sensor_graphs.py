"""Variables of the project and streams of the device that a sensor graph requires."""

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.streams.models import StreamId, StreamVariable, VariableTemplate
from server.apps.streams.services.streams import new_stream
from server.apps.streams.services.variables import new_variable


def follow_sensor_graph(*, device: Device, by: Account) -> None:
    """Create missing variables of the project and missing streams of the device that its sensor
    graph requires.

    Existing variables stay as they are, including those that another process creates at the same
    time.
    """
    project = device.project
    if project is None or device.sg_id is None:
        return
    templates = list(
        VariableTemplate.objects.filter(sg_id=device.sg_id).select_related("default_output_unit")
    )
    if not templates:
        return
    StreamVariable.objects.bulk_create(
        [new_variable(project=project, template=template, by=by) for template in templates],
        ignore_conflicts=True,
    )
    lids = [template.lid for template in templates]
    variables = StreamVariable.objects.filter(project=project, lid__in=lids)
    StreamId.objects.bulk_create(
        [new_stream(variable=variable, project=project, device=device, by=by) for variable in variables],
        ignore_conflicts=True,
    )
