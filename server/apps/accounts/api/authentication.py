"""Who is asking: `Authorization: JWT …` or `Token …`; schemes are compared without case."""

from typing import ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from server.apps.accounts import selectors
from server.apps.accounts.models import Account
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


def actor_of(request: Request) -> Account:
    """The person who asks. Raises NotAuthenticated for everybody else, programs and devices too."""
    if not isinstance(request.user, Account):
        raise NotAuthenticated()
    return request.user
