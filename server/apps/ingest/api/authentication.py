"""A device that brings its own reports: `Authorization: Device-Key …`.

It is no person: `request.user` stays anonymous, so that everything but the few views that ask for a sender refuses it.
"""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.devices.selectors import device_of_upload_key
from server.core.rest.authorization import credential


class DeviceKeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[AnonymousUser, Device] | None:
        key = credential(request, "device-key")
        if key is None:
            return None
        device = device_of_upload_key(key)
        if device is None:
            raise AuthenticationFailed("The device key is not valid.")
        return AnonymousUser(), device

    def authenticate_header(self, request: Request) -> str:
        return "Device-Key"


class IsSender(BasePermission):
    """A person who signed in, or a device."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Device) or bool(request.user.is_authenticated)


class IsSenderIfItUploads(IsSender):
    """Whoever may send may upload; reading is for people."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated) or (
            request.method == "POST" and super().has_permission(request, view)
        )


def sender_of(request: Request) -> Account | Device:
    """Raises NotAuthenticated."""
    sender = request.auth if isinstance(request.auth, Device) else request.user
    if not isinstance(sender, (Account, Device)):
        raise NotAuthenticated()
    return sender
