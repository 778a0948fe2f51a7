"""What a caller may do, for answers that are kept: whoever has lost some of it gets none."""

from rest_framework.request import Request

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import permissions_by_org
from server.apps.devices.selectors.keys import DeviceCaller
from server.core.rest.idempotency import Rights


def rights_of(request: Request) -> Rights:
    """By organisation of a person; of a device, where it is. A key of an organisation has its
    rights as long as it lives. One query for a person, none for others."""
    if isinstance(request.user, Account):
        return permissions_by_org(request.user) | ({"staff": []} if request.user.is_staff else {})
    if isinstance(request.auth, DeviceCaller):
        device, may_read = request.auth.device, request.auth.may_read
        if device.org_id is None:
            return {}  # it has none to lose, and may be claiming itself
        held = {"active": device.active, "read": may_read}
        return {f"device in {device.org_id} {device.project_id}": [name for name in held if held[name]]}
    return {}
