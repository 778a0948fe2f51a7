"""A device that asks for itself: `Authorization: Device-Key …` or `a-jwt …`.

It is no person: `request.user` stays anonymous and `request.auth` is a DeviceCaller, so that everything but the few views
that ask for a device refuses it.
"""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from server.apps.devices.selectors import DeviceCaller, caller_of_device_token, device_of_upload_key
from server.core.rest.authorization import credential


class DeviceKeyAuthentication(BaseAuthentication):
    """The upload key, which a device has from the factory: it brings reports, and reads no data."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, DeviceCaller] | None:
        key = credential(request, "device-key")
        if key is None:
            return None
        device = device_of_upload_key(key)
        if device is None:
            raise AuthenticationFailed("The device key is not valid.")
        return AnonymousUser(), DeviceCaller(device, may_read=False)

    def authenticate_header(self, request: Request) -> str:
        return "Device-Key"


class DeviceTokenAuthentication(BaseAuthentication):
    """A device token, as `GET device/<slug>/key/?type=a-jwt` gives out."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, DeviceCaller] | None:
        token = credential(request, "a-jwt")
        if token is None:
            return None
        caller = caller_of_device_token(token)
        if caller is None:
            raise AuthenticationFailed("The device token is not valid or has expired.")
        return AnonymousUser(), caller

    def authenticate_header(self, request: Request) -> str:
        return "a-jwt"
