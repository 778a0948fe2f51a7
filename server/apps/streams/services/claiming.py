"""Claiming: a device enters a project, and gets the variables and streams of its sensor graph."""

from django.db import transaction

from server.apps.accounts.models import Account
from server.apps.accounts.selectors import require
from server.apps.devices.models import Device, Project
from server.apps.devices.services import enter_project
from server.apps.streams.models import StreamId, StreamVariable, VariableTemplate
from server.apps.streams.services.streams import new_stream
from server.apps.streams.services.variables import new_variable


@transaction.atomic
def claim_device(*, device: Device, into: Project, by: Account) -> Device:
    """Raises Forbidden without `can_claim_devices` there, Conflict when it is in a project already."""
    require(by, "can_claim_devices", into.org)
    enter_project(device=device, project=into, by=by)
    if device.sg_id is not None:
        _make_streams(device, into, by)
    return device


def _make_streams(device: Device, project: Project, by: Account) -> None:
    """Variables that the project has already, also since a moment ago, are left as they are."""
    templates = list(
        VariableTemplate.objects.filter(sg_id=device.sg_id).select_related("default_output_unit")
    )
    StreamVariable.objects.bulk_create(
        [new_variable(project=project, template=template, by=by) for template in templates],
        ignore_conflicts=True,
    )
    lids = [template.lid for template in templates]
    variables = StreamVariable.objects.filter(project=project, lid__in=lids)
    StreamId.objects.bulk_create(
        [new_stream(device=device, variable=variable, by=by) for variable in variables], ignore_conflicts=True
    )
