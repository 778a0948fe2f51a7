"""Bring the permissions of memberships up to date: they are copies of the role matrix, which grows
with new versions."""

from typing import Final

from django.db import transaction

from server.apps.accounts.models import Org, OrgMembership, permissions_of
from server.apps.accounts.models.roles import PERMISSIONS
from server.core.errors import NotFound

BATCH_SIZE: Final = 500


@transaction.atomic
def sync_permissions(*, org: str = "") -> int:
    """Permissions newer than a membership become those of its role, a person's exceptions stay, and
    permissions that no longer exist are removed. `org`: a slug, "" for all. Returns how many
    memberships changed. Idempotent. Raises NotFound."""
    memberships = OrgMembership.objects.order_by("pk").select_for_update()
    if org:
        if not Org.objects.filter(slug=org).exists():
            raise NotFound(f"There is no organisation {org}.")
        memberships = memberships.filter(org__slug=org)
    stale = [each for each in memberships.iterator(BATCH_SIZE) if set(each.permissions) != set(PERMISSIONS)]
    for membership in stale:
        usual = permissions_of(membership.role)
        membership.permissions = {name: membership.permissions.get(name, usual[name]) for name in PERMISSIONS}
    OrgMembership.objects.bulk_update(stale, ["permissions"], batch_size=BATCH_SIZE)
    return len(stale)
