"""Who is asking: `Authorization: JWT …` or `Token …`; schemes are compared without case."""

from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from server.apps.accounts import selectors
from server.apps.accounts.models import Account, OrgApiKey
from server.apps.accounts.selectors import actor_of as actor_of
from server.core.rest.authorization import credential


class JwtAuthentication(BaseAuthentication):
    schemes: ClassVar[tuple[str, ...]] = ("jwt", "bearer")
    challenge: ClassVar[str] = 'JWT realm="api"'

    def authenticate(self, request: Request) -> tuple[Account, str] | None:
        token = credential(request, *self.schemes)
        if token is None:
            return None
        user, _ = selectors.bearer_of_jwt(token)
        if user is None:
            raise AuthenticationFailed("The token is not valid or has expired.")
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return self.challenge


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Account, str] | None:
        token = credential(request, "token")
        if token is None:
            return None
        user = selectors.bearer_of_api_token(token)
        if user is None:
            raise AuthenticationFailed("Invalid token.")
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class ApiKeyAuthentication(BaseAuthentication):
    """A program of an organisation: `Authorization: Api-Key <prefix>.<secret>`. It is no person: `request.user` stays anonymous,
    and only views that ask for one of its scopes let it in.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, OrgApiKey] | None:
        clear = credential(request, "api-key")
        if clear is None:
            return None
        key = selectors.bearer_of_org_key(clear)
        if key is None:
            raise AuthenticationFailed("The API key is not valid, has expired or was revoked.")
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"
