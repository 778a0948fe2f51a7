"""The device on a page, and what its reader may do with it."""

from dataclasses import dataclass
from typing import TypeAlias

from server.apps.accounts.models import OrgMembership
from server.apps.accounts.selectors.accounts import membership_in
from server.apps.devices.models import Device
from server.apps.devices.selectors.devices import device_for
from webapp.views.page import PageRequest

Context: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class DeviceVisit:
    """`membership` is the reader's in the device's organisation."""

    request: PageRequest
    device: Device
    membership: OrgMembership | None

    def may(self, permission: str) -> bool:
        return self.membership is not None and self.membership.may(permission)


def visit_device(request: PageRequest, slug: str) -> DeviceVisit:
    """Returns the visit. Raises NotFound."""
    device = device_for(request.user, slug)
    return DeviceVisit(request, device, membership_in(request.user, device.org) if device.org else None)
