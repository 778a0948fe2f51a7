"""Questions about repairs, and their gate."""

import uuid

from django.db.models import QuerySet

from server.apps.accounts.selectors.accounts import Person, require
from server.apps.devices.models import Device
from server.apps.lifecycle.models import Repair
from server.core.errors import NotFound


def repairs_of_device(user: Person, device: Device, *, staff: bool = False) -> QuerySet[Repair]:
    """Newest first, without those of a former owner. Raises Forbidden without the permission to
    apply them: plans show readings."""
    if device.org is None:
        raise NotFound()
    require(user, "can_modify_device", device.org, staff=staff)
    of_device = Repair.objects.filter(device=device, org=device.org)
    return of_device.select_related("device", "org", "created_by")


def repair_for(user: Person, device: Device, repair_id: uuid.UUID, *, staff: bool = False) -> Repair:
    repair = repairs_of_device(user, device, staff=staff).filter(pk=repair_id).first()
    if repair is None:
        raise NotFound()
    return repair
