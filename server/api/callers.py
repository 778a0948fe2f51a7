"""The callers that read or post data: a person, or a device for its own data."""

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import is_staff_request
from server.apps.devices.models import Device
from server.apps.devices.selectors.keys import device_of, reading_device_of
from server.apps.streams.selectors.readings import Reader, StaffReader


class IsReaderOrAuthor(BasePermission):
    """A person, a device whose token may read, or a device that posts."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        device = device_of if request.method == "POST" else reading_device_of
        return bool(request.user.is_authenticated) or device(request) is not None


def reader_of(request: Request) -> Reader:
    """Raises NotAuthenticated."""
    if is_staff_request(request):
        return StaffReader()
    return _person_or(reading_device_of(request), request)


def author_of(request: Request) -> Account | Device:
    """Raises NotAuthenticated."""
    return _person_or(device_of(request), request)


def _person_or(device: Device | None, request: Request) -> Account | Device:
    if device is not None:
        return device
    if not isinstance(request.user, Account):
        raise NotAuthenticated()
    return request.user
