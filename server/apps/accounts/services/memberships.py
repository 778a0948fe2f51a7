"""Members of an organisation and their roles. Nobody acts on a member above their own rank; the
last owner stays."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import (
    Account,
    Invitation,
    Org,
    OrgDomain,
    OrgMembership,
    Role,
    permissions_of,
)
from server.apps.accounts.selectors.accounts import require
from server.apps.accounts.selectors.orgs import rank_in, rank_of
from server.apps.accounts.services.accounts import add_member
from server.apps.activity.services.changes import Verb, record_change
from server.core.errors import Conflict, Forbidden, Invalid

MANAGE = "can_manage_users"


def require_rank(by: Account, org: Org, *roles: str, staff: bool = False) -> None:
    """Raises Forbidden unless `by` may manage people, with each of the roles."""
    require(by, MANAGE, org, staff=staff)
    rank = rank_in(by, org, staff=staff)
    if any(rank_of(role) > rank for role in roles):
        raise Forbidden("You cannot give or take a role above your own.")


@transaction.atomic
def register_member(
    *, org: Org, user: Account, role: Role, by: Account, staff: bool = False
) -> OrgMembership:
    """Raises Forbidden; Conflict for a member, also for one who left: change the role instead."""
    require_rank(by, org, role, staff=staff)
    if role == Role.DEREGISTERED:
        raise Invalid("This is no role to join with.", field="role")
    membership = add_member(org=org, user=user, role=role)
    _record_change(membership, Verb.CREATED, "register-member", by)
    return membership


@transaction.atomic
def change_role(*, membership: OrgMembership, role: Role, by: Account, staff: bool = False) -> OrgMembership:
    """Set the role, with its permissions. `00` removes all of them; any other role readmits a
    person who left.

    Raises Forbidden, Conflict for the last owner.
    """
    org = membership.org
    _lock_owners(org)
    membership = OrgMembership.objects.select_related("org", "user").get(pk=membership.pk)
    require_rank(by, org, membership.role, role, staff=staff)
    if role == membership.role and membership.is_active == (role != Role.DEREGISTERED):
        return membership
    _require_another_owner(membership, role)
    before = membership.role
    _assign_role(membership, role)
    event = "deregister-member" if role == Role.DEREGISTERED else "change-role"
    _record_change(membership, Verb.CHANGED, event, by, before=before)
    _end_invitations(membership)
    return membership


def _end_invitations(membership: OrgMembership) -> None:
    """Those that the member could not send any more; the list shows them as expired."""
    rank = rank_of(membership.role) if membership.may(MANAGE) else -1
    above = [role for role in Role.values if rank_of(role) > rank]
    Invitation.objects.filter(
        org=membership.org, sent_by=membership.user, sent_by__is_staff=False, role__in=above, accepted_on=None
    ).update(expires_on=timezone.now())


def _lock_owners(org: Org) -> None:
    """Of two owners who remove each other concurrently, one stays."""
    Org.objects.select_for_update().get(pk=org.pk)


def _require_another_owner(membership: OrgMembership, role: Role) -> None:
    if membership.role != Role.OWNER or role == Role.OWNER:
        return
    others = OrgMembership.objects.filter(
        org=membership.org, role=Role.OWNER, is_active=True, user__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise Conflict("This is the last owner. Make somebody else an owner first.")


def _assign_role(membership: OrgMembership, role: Role) -> None:
    membership.role = role
    membership.is_active = role != Role.DEREGISTERED
    membership.is_org_admin = role in {Role.OWNER, Role.ADMIN}
    membership.permissions = permissions_of(role)
    membership.save(update_fields=["role", "is_active", "is_org_admin", "permissions"])


def join(*, org: Org, user: Account, role: Role, event: str) -> OrgMembership:
    """By invitation or domain. A member keeps the present role; one who left returns with the new
    one."""
    _lock_owners(org)
    membership = OrgMembership.objects.filter(org=org, user=user).select_related("org", "user").first()
    if membership is None:
        membership = add_member(org=org, user=user, role=role)
    elif not membership.is_active or membership.role == Role.DEREGISTERED:
        _assign_role(membership, role)
    else:
        return membership
    _record_change(membership, Verb.CREATED, event, user)
    return membership


@transaction.atomic
def join_by_domain(*, user: Account) -> list[OrgMembership]:
    """An account with a confirmed address of a verified domain joins its organisation, unless it
    was deregistered there."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    names = {address.rpartition("@")[2].lower() for address in addresses}
    joined = []
    for domain in OrgDomain.objects.filter(name__in=names, verified=True).select_related("org"):
        if not OrgMembership.objects.filter(org=domain.org, user=user).exists():
            role = Role(domain.default_role)
            joined.append(join(org=domain.org, user=user, role=role, event="join-by-domain"))
    return joined


def _record_change(membership: OrgMembership, verb: Verb, event: str, by: Account, **details: str) -> None:
    record_change(
        org=membership.org,
        kind="membership",
        ref=f"@{membership.user.slug}",
        verb=verb,
        event=event,
        by=by,
        audited=True,
        details={"role": membership.role, **details},
    )
