"""The callers that upload reports: a person, a device for itself, or a program of the organisation
with an API key for that."""

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from server.apps.accounts.models import Account, OrgApiKey
from server.apps.devices.selectors.devices import Sender
from server.apps.devices.selectors.keys import device_of


class IsSenderIfItUploads(BasePermission):
    """Persons, devices and API keys with the upload scope may upload; only persons may read."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.user.is_authenticated:
            return True
        key_may_upload = isinstance(request.auth, OrgApiKey) and OrgApiKey.Scope.UPLOAD in request.auth.scopes
        return request.method == "POST" and (key_may_upload or device_of(request) is not None)


def sender_of(request: Request) -> Sender:
    """Raises NotAuthenticated."""
    device = device_of(request)
    if device is not None:
        return device
    sender = request.auth if isinstance(request.auth, OrgApiKey) else request.user
    if not isinstance(sender, (Account, OrgApiKey)):
        raise NotAuthenticated()
    return sender
