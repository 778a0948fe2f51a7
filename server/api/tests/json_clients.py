"""Signed-in REST clients that send JSON by default."""

from rest_framework.test import APIClient

from server.apps.accounts.models import Account, Org, Role
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.tests.clients import api_client
from server.apps.accounts.tests.factories import make_account


def json_client(user: Account) -> APIClient:
    client = api_client(user)
    client.default_format = "json"
    return client


def client_with_role(org: Org, role: Role) -> APIClient:
    """Returns the client of a new member of the organisation."""
    user = make_account()
    add_member(org=org, user=user, role=role)
    return json_client(user)


def staff_client() -> APIClient:
    """Of staff that is no member of anything."""
    return json_client(make_account(is_staff=True))
