"""Members of an organisation and their roles. Nobody acts on a member above their own rank; the
last owner stays."""

from collections.abc import Iterable
from uuid import UUID

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
from server.apps.accounts.selectors.leaving import live_keys_made_by
from server.apps.accounts.selectors.orgs import is_last_owner, rank_in, rank_of
from server.apps.accounts.services.accounts import add_member
from server.apps.accounts.services.keys import PERMISSION as MANAGE_KEYS
from server.apps.accounts.services.keys import revoke_keys_made_by
from server.apps.activity.services.changes import Verb, record_change
from server.core.errors import Conflict, Forbidden, Invalid, NotFound
from server.lib.mailboxes import ascii_domain

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
    """Make a person a member without asking: staff only. Everybody else invites, and learns nothing
    about accounts here.

    Raises Forbidden; Conflict for a member, also for one who left: change the role instead.
    """
    if not staff:
        raise Forbidden("People join by invitation: send one to their e-mail address.")
    require_rank(by, org, role, staff=staff)
    if role == Role.DEREGISTERED:
        raise Invalid("This is no role to join with.", field="role")
    membership = add_member(org=org, user=user, role=role)
    _record_change(membership, Verb.CREATED, "register-member", by)
    return membership


@transaction.atomic
def change_role(
    *, membership: OrgMembership, role: Role, by: Account, revoke_keys: bool = False, staff: bool = False
) -> OrgMembership:
    """Set the role, with its permissions; `00` removes all of them. Only staff readmit a
    person who left: others send an invitation.

    Device tokens and invitations end with the right to make them; `revoke_keys`: with role `00`,
    the API keys that the person made end too. Raises Forbidden, Conflict for the last owner.
    """
    org = membership.org
    if revoke_keys and role != Role.DEREGISTERED:
        raise Invalid("Keys are revoked with the role 00 only.", field="revoke_keys")
    lock_owners([org.pk])
    membership = OrgMembership.objects.select_related("org", "user").get(pk=membership.pk)
    require_rank(by, org, membership.role, role, staff=staff)
    if revoke_keys:
        require(by, MANAGE_KEYS, org, staff=staff)
    if role == membership.role and membership.is_active == (role != Role.DEREGISTERED):
        if revoke_keys:
            revoke_keys_made_by(org=org, maker=membership.user, by=by)
        return membership
    if not (membership.is_current or staff):
        raise Conflict("This person is no longer a member. Send an invitation.")
    if role != Role.OWNER:
        _require_another_owner(membership)
    before = membership.role
    _assign_role(membership, role)
    if role == Role.DEREGISTERED:
        _record_departure(membership, "deregister-member", by, before=before, revoke_keys=revoke_keys)
    else:
        _record_change(membership, Verb.CHANGED, "change-role", by, before=before)
    return membership


def _record_departure(
    membership: OrgMembership, event: str, by: Account, *, before: str, revoke_keys: bool
) -> None:
    """With how many keys of the person were revoked, or go on."""
    org, maker = membership.org, membership.user
    keys = {}
    if revoke_keys:
        keys = {"keys_revoked": revoke_keys_made_by(org=org, maker=maker, by=by)}
    elif kept := live_keys_made_by(maker, org).count():
        keys = {"keys_kept": kept}
    _record_change(membership, Verb.CHANGED, event, by, before=before, **keys)


def _end_invitations(membership: OrgMembership) -> None:
    """Those that the member could not send any more; the list shows them as expired."""
    rank = rank_of(membership.role) if membership.may(MANAGE) else -1
    above = [role for role in Role.values if rank_of(role) > rank]
    Invitation.objects.filter(
        org=membership.org, sent_by=membership.user, sent_by__is_staff=False, role__in=above, accepted_on=None
    ).update(expires_on=timezone.now())


@transaction.atomic
def leave_org(*, org: Org, user: Account, revoke_keys: bool = False) -> None:
    """`revoke_keys`: those that the person made here. Raises NotFound for who is no member,
    Conflict for the last owner."""
    lock_owners([org.pk])
    membership = OrgMembership.objects.filter(org=org, user=user).select_related("org", "user").first()
    if membership is None or not membership.is_current:
        raise NotFound()
    _require_another_owner(membership)
    before = membership.role
    _assign_role(membership, Role.DEREGISTERED)
    _record_departure(membership, "leave-org", user, before=before, revoke_keys=revoke_keys)


def lock_owners(org_ids: Iterable[UUID]) -> None:
    """Of two owners who remove each other, leave or are erased concurrently, one stays. Everything
    that ends a membership locks these rows first, in this order, so that nobody waits in a circle.
    """
    list(Org.objects.select_for_update().filter(pk__in=list(org_ids)).order_by("pk").values_list("pk"))


def _require_another_owner(membership: OrgMembership) -> None:
    if is_last_owner(membership):
        raise Conflict("This is the last owner. Make somebody else an owner first.")


def _assign_role(membership: OrgMembership, role: Role) -> None:
    membership.role = role
    membership.is_active = role != Role.DEREGISTERED
    membership.is_org_admin = role in {Role.OWNER, Role.ADMIN}
    membership.permissions = permissions_of(role)
    membership.save(update_fields=["role", "is_active", "is_org_admin", "permissions"])
    _end_invitations(membership)


def join(*, org: Org, user: Account, role: Role, event: str) -> OrgMembership:
    """By invitation or domain. A member keeps the present role; one who left returns with the new
    one."""
    lock_owners([org.pk])
    membership = OrgMembership.objects.filter(org=org, user=user).select_related("org", "user").first()
    if membership is None:
        membership = add_member(org=org, user=user, role=role)
    elif not membership.is_current:
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
    names = {ascii_domain(address.rpartition("@")[2]) for address in addresses}
    joined = []
    for domain in OrgDomain.objects.filter(name__in=names, verified=True).select_related("org"):
        if not OrgMembership.objects.filter(org=domain.org, user=user).exists():
            role = Role(domain.default_role)
            joined.append(join(org=domain.org, user=user, role=role, event="join-by-domain"))
    return joined


def _record_change(
    membership: OrgMembership, verb: Verb, event: str, by: Account, **details: str | int
) -> None:
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
