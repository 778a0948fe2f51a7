"""Authentication by `Authorization: JWT …`, `Token …`, `Api-Key …`, `Device-Key …` or `a-jwt …`;
the scheme is case-insensitive.

Programs and devices are no persons: `request.user` stays anonymous and `request.auth` is the
OrgApiKey or a DeviceCaller. Only views made for them let them in.
"""

from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from server.apps.accounts.models import Account, OrgApiKey
from server.apps.accounts.selectors.accounts import bearer_of_jwt
from server.apps.accounts.services.authentication import authenticate_api_token, authenticate_org_key
from server.apps.devices.selectors.keys import DeviceCaller
from server.apps.devices.services.authentication import authenticate_device_token, authenticate_upload_key


def _credential(request: Request, *schemes: str) -> str | None:
    """Returns the credential of the Authorization header if its scheme is one of these (lower
    case), else None. Raises AuthenticationFailed."""
    words = get_authorization_header(request).split()
    if not words or words[0].lower().decode("latin-1") not in schemes:
        return None
    if len(words) != 2:
        raise AuthenticationFailed("The Authorization header must be a scheme and one credential.")
    try:
        return words[1].decode("ascii")
    except UnicodeDecodeError as error:
        raise AuthenticationFailed("A credential has ASCII characters only.") from error


class JwtAuthentication(BaseAuthentication):
    schemes: ClassVar[tuple[str, ...]] = ("jwt", "bearer")
    challenge: ClassVar[str] = 'JWT realm="api"'

    def authenticate(self, request: Request) -> tuple[Account, str] | None:
        token = _credential(request, *self.schemes)
        if token is None:
            return None
        user, _ = bearer_of_jwt(token)
        if user is None:
            raise AuthenticationFailed("The token is not valid or has expired.")
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return self.challenge


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Account, str] | None:
        token = _credential(request, "token")
        if token is None:
            return None
        user = authenticate_api_token(token)
        if user is None:
            raise AuthenticationFailed("Invalid token.")
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class ApiKeyAuthentication(BaseAuthentication):
    """A program of an organisation: `Authorization: Api-Key <prefix>.<secret>`. Only views that
    check its scopes let it in."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, OrgApiKey] | None:
        clear = _credential(request, "api-key")
        if clear is None:
            return None
        key = authenticate_org_key(clear)
        if key is None:
            raise AuthenticationFailed("The API key is not valid, has expired or was revoked.")
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class DeviceKeyAuthentication(BaseAuthentication):
    """A device with its upload key from the factory, with which it uploads reports and reads no
    data."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, DeviceCaller] | None:
        key = _credential(request, "device-key")
        if key is None:
            return None
        device = authenticate_upload_key(key)
        if device is None:
            raise AuthenticationFailed("The device key is not valid.")
        return AnonymousUser(), DeviceCaller(device, may_read=False)

    def authenticate_header(self, request: Request) -> str:
        return "Device-Key"


class DeviceTokenAuthentication(BaseAuthentication):
    """A device token, as issued by `GET device/<slug>/key/?type=a-jwt`."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, DeviceCaller] | None:
        token = _credential(request, "a-jwt")
        if token is None:
            return None
        caller = authenticate_device_token(token)
        if caller is None:
            raise AuthenticationFailed("The device token is not valid or has expired.")
        return AnonymousUser(), caller

    def authenticate_header(self, request: Request) -> str:
        return "a-jwt"
