"""REST clients that are signed in."""

from typing import TYPE_CHECKING, TypeAlias

from rest_framework.test import APIClient

from server.apps.accounts.models import Account
from server.apps.accounts.services.signing import issue_jwt

if TYPE_CHECKING:
    from rest_framework.response import _MonkeyPatchedResponse  # a type that the stubs made up

Answer: TypeAlias = "_MonkeyPatchedResponse"


def api_client(user: Account) -> APIClient:
    """With the user's JWT in every request."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"JWT {issue_jwt(user=user)}")
    return client
