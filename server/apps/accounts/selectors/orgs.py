"""Questions about members, invitations and domains of an organisation."""

from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from server.apps.accounts.models import (
    PERMISSIONS,
    Account,
    Invitation,
    Org,
    OrgDomain,
    OrgMembership,
    OrgTemplate,
    Role,
)
from server.apps.accounts.selectors.accounts import Person, membership_in
from server.core import credentials
from server.core.errors import NotFound
from server.lib.mailboxes import ascii_domain

STAFF_ROLE: Final = "s0"
"""The role by which clients recognize staff; no membership has it."""
_RANKS: Final = [Role.DEREGISTERED, Role.OPERATOR, Role.MEMBER, Role.DEVELOPER, Role.ADMIN, Role.OWNER]


def rank_of(role: str) -> int:
    """Managers manage people of their own rank and below, and assign no higher role."""
    return _RANKS.index(Role(role))


def rank_in(user: Person, org: Org, *, staff: bool = False) -> int:
    membership = None if staff else membership_in(user, org)
    if staff:
        return rank_of(Role.OWNER)
    return rank_of(membership.role) if membership is not None else 0


def members_of(org: Org, *, include_inactive: bool = False) -> QuerySet[OrgMembership]:
    members = OrgMembership.objects.filter(org=org).select_related("user").order_by("created_on", "pk")
    return members if include_inactive else members.filter(is_active=True).exclude(role=Role.DEREGISTERED)


def own_membership(user: Account, org: Org, *, staff: bool = False) -> OrgMembership | None:
    """Returns the user's membership. A staff request may do everything: without one it gets an
    unsaved one with all permissions."""
    own = membership_in(user, org)
    if own is not None or not staff:
        return own
    return OrgMembership(
        user=user,
        org=org,
        role=STAFF_ROLE,
        is_org_admin=True,
        permissions=dict.fromkeys(PERMISSIONS, True),
        created_on=org.created_on,
    )


def membership_of(org: Org, user_slug: str) -> OrgMembership:
    """The gate to a member, by `alice` or `@alice`; also to those who left."""
    slug = user_slug.removeprefix("@")
    found = (
        members_of(org, include_inactive=True).filter(user__slug=slug).first() if slug.isprintable() else None
    )
    if found is None:
        raise NotFound()
    return found


def is_last_owner(membership: OrgMembership) -> bool:
    """Whether nobody else could manage the organisation without this member."""
    owners = OrgMembership.objects.filter(
        org=membership.org, role=Role.OWNER, is_active=True, user__is_active=True
    )
    return membership.role == Role.OWNER and not owners.exclude(pk=membership.pk).exists()


def account_by_slug(slug: str) -> Account | None:
    """Any active account, by `alice` or `@alice`."""
    if not slug.isprintable():
        return None
    return Account.objects.filter(slug=slug.removeprefix("@"), is_active=True).first()


def pending_invitations_of(org: Org) -> QuerySet[Invitation]:
    """Also expired ones: they can be sent again."""
    pending = Invitation.objects.filter(org=org, accepted_on=None)
    return pending.select_related("sent_by").order_by("-sent_on", "pk")


def invitation_of(org: Org, invitation_id: UUID) -> Invitation:
    """The gate to a pending invitation."""
    pending = Invitation.objects.filter(org=org, accepted_on=None).select_related("org", "sent_by")
    found = pending.filter(pk=invitation_id).first()
    if found is None:
        raise NotFound()
    return found


def invitation_by_secret(secret: str) -> Invitation | None:
    """Returns None unless it is pending and has not expired."""
    found = (
        Invitation.objects.select_related("org", "sent_by").filter(digest=credentials.digest(secret)).first()
    )
    return found if found is not None and found.is_open(now=timezone.now()) else None


def domain_for(org: Org, name: str) -> OrgDomain:
    domain = domains_of(org).filter(name=ascii_domain(name)).first()
    if domain is None:
        raise NotFound()
    return domain


def domains_of(org: Org) -> QuerySet[OrgDomain]:
    return OrgDomain.objects.filter(org=org).select_related("created_by")


def domain_of(org: Org, domain_id: UUID) -> OrgDomain:
    """The gate to a domain of an organisation."""
    domain = domains_of(org).filter(pk=domain_id).first()
    if domain is None:
        raise NotFound()
    return domain


def org_templates() -> QuerySet[OrgTemplate]:
    return OrgTemplate.objects.filter(active=True)


def org_template_by_slug(slug: str) -> OrgTemplate | None:
    return org_templates().filter(slug=slug).first()
