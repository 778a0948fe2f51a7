"""Claiming: a device enters a project, and gets the variables and streams of its sensor graph."""

from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.accounts.selectors import require
from server.apps.devices.models import Device, Project
from server.apps.streams.models import StreamId, StreamVariable, VariableTemplate
from server.apps.streams.services.streams import new_stream
from server.apps.streams.services.variables import create_variable
from server.core.errors import Conflict


@transaction.atomic
def claim_device(*, device: Device, into: Project, by: Account) -> Device:
    """Raises Forbidden without `can_claim_devices` there, Conflict when it is in a project already."""
    require(by, "can_claim_devices", into.org)
    now = timezone.now()
    claimed = Device.objects.filter(pk=device.pk, project=None).update(
        project=into, org_id=into.org_id, claimed_by=by, claimed_on=now
    )
    if claimed != 1:
        raise Conflict("Device is not claimable")
    device.refresh_from_db()
    if device.sg_id is not None:
        _make_streams(device, into, by)
    return device


def _make_streams(device: Device, project: Project, by: Account) -> None:
    templates = list(
        VariableTemplate.objects.filter(sg_id=device.sg_id).select_related("default_output_unit")
    )
    lids = [template.lid for template in templates]
    variables = {v.lid: v for v in StreamVariable.objects.filter(project=project, lid__in=lids)}
    for template in templates:
        if template.lid not in variables:
            variables[template.lid] = _variable(project, template, by)
    StreamId.objects.bulk_create(
        [new_stream(device=device, variable=variables[lid], by=by) for lid in lids], ignore_conflicts=True
    )


def _variable(project: Project, template: VariableTemplate, by: Account) -> StreamVariable:
    try:
        return create_variable(
            project=project, lid=template.lid, name=template.label, by=by, template=template
        )
    except Conflict:  # another device with this sensor graph is being claimed at the same time
        return StreamVariable.objects.get(project=project, lid=template.lid)
