"""Mail addresses of groups of people."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from server.apps.accounts.models import Account, OrgMembership, Role


class Addressee(NamedTuple):
    org_id: UUID
    account: str
    """The slug."""
    address: str
    is_admin: bool


def addressees_in(org_ids: Iterable[UUID]) -> list[Addressee]:
    """The active members of these organisations who can sign in. One query."""
    members = OrgMembership.objects.filter(org_id__in=list(org_ids), is_active=True, user__is_active=True)
    rows = members.exclude(role=Role.DEREGISTERED).order_by("user_id")
    return [
        Addressee(*row) for row in rows.values_list("org_id", "user__slug", "user__email", "is_org_admin")
    ]


def addresses_of_staff() -> list[str]:
    staff = Account.objects.filter(is_staff=True, is_active=True).order_by("pk")
    return list(staff.values_list("email", flat=True))
