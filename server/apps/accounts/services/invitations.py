"""Invitations: a link with a secret is mailed to an address, whose owner joins with it."""

import secrets
from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import Account, Invitation, Org, OrgMembership, Role
from server.apps.accounts.selectors.orgs import invitation_by_secret, members_of
from server.apps.accounts.services.memberships import join, require_rank
from server.apps.activity.services.changes import Verb, record_change
from server.core import credentials
from server.core.errors import Conflict, Forbidden, Invalid, NotFound
from server.core.mail.addresses import mail_address
from server.core.mail.limits import count_mail
from server.core.mail.sending import mail
from server.core.public import site_url
from server.lib.mailboxes import mailbox

INVITATION_LIFETIME: Final = timedelta(days=14)


@transaction.atomic
def invite(*, org: Org, email: str, role: Role, by: Account, staff: bool = False) -> Invitation:
    """Mail a link, to `PUBLIC_URL`. A pending invitation is sent again, and its old link ends.
    Raises Forbidden without `can_manage_users` or for a role above one's own; Invalid; Conflict for
    a member;
    TooMany.
    """
    require_rank(by, org, role, staff=staff)
    email = mail_address(email, field="email")
    if role == Role.DEREGISTERED:
        raise Invalid("This is no role to join with.", field="role")
    if members_of(org).filter(user__email__iexact=email).exists():
        raise Conflict("This person is a member already.", field="email")
    invitation = Invitation.objects.select_for_update().filter(org=org, email__iexact=email).first()
    if invitation is not None and invitation.accepted_on is None:
        require_rank(by, org, invitation.role, staff=staff)
    new = invitation or Invitation(org=org, email=email)
    new.role, new.accepted_on = role, None
    return _send(new, by, event="invite")


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: Account, staff: bool = False) -> Invitation:
    """With another secret, valid for the whole lifetime again. Raises Forbidden; TooMany;
    NotFound for one that was accepted or deleted."""
    pending = _lock_pending(invitation)
    require_rank(by, pending.org, pending.role, staff=staff)
    return _send(pending, by, event="resend-invitation")


def _lock_pending(invitation: Invitation) -> Invitation:
    """One that is accepted at the same time must not be opened again."""
    pending = Invitation.objects.select_for_update(of=("self",)).select_related("org")
    found = pending.filter(pk=invitation.pk, accepted_on=None).first()
    if found is None:
        raise NotFound()
    return found


def _send(invitation: Invitation, by: Account, *, event: str) -> Invitation:
    # Only a digest of the secret is stored, so each mail has another one.
    count_mail(kind="invitation", org_id=invitation.org_id, to=invitation.email)
    secret, now = secrets.token_urlsafe(32), timezone.now()
    invitation.digest = credentials.digest(secret)
    invitation.sent_on, invitation.sent_by, invitation.expires_on = now, by, now + INVITATION_LIFETIME
    invitation.save()
    link = f"{site_url()}/org/{invitation.org.slug}/invitation/{secret}/accept/"
    mail(
        to=[invitation.email],
        template="org/invitation",
        context={
            "org": invitation.org.name,
            "by": by.get_full_name(),
            "role": Role(invitation.role).label,
            "link": link,
            "days": INVITATION_LIFETIME.days,
        },
    )
    _record_change(invitation, Verb.CREATED, event, by)
    return invitation


@transaction.atomic
def delete_invitation(*, invitation: Invitation, by: Account, staff: bool = False) -> None:
    """Its link ends. Raises Forbidden, NotFound for one that was accepted or deleted."""
    pending = _lock_pending(invitation)
    require_rank(by, pending.org, pending.role, staff=staff)
    _record_change(pending, Verb.DELETED, "delete-invitation", by)
    pending.delete()


@transaction.atomic
def accept_invitation(*, secret: str, by: Account) -> OrgMembership:
    """Raises NotFound for a link that is unknown, used or too old; Forbidden when it went to
    somebody else's address."""
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("org", "sent_by")
        .filter(digest=credentials.digest(secret))
        .first()
    )
    now = timezone.now()
    if invitation is None or not invitation.is_open(now=now) or not _sender_may_invite(invitation):
        raise NotFound("This invitation is not valid any more. Ask for another one.")
    if not _has_address(by, invitation.email):
        raise Forbidden(f"This invitation is for {invitation.email}. Sign in with that address.")
    invitation.accepted_on = now
    invitation.save(update_fields=["accepted_on"])
    return join(org=invitation.org, user=by, role=Role(invitation.role), event="accept-invitation")


def _sender_may_invite(invitation: Invitation) -> bool:
    """Whether its sender could send it now: what somebody could give ends with the right to give
    it."""
    sender = invitation.sent_by
    try:
        require_rank(sender, invitation.org, invitation.role, staff=sender.is_staff)
    except Forbidden:
        return False
    return sender.is_active


def _has_address(user: Account, email: str) -> bool:
    if user.email.lower() == email.lower():
        return True
    return bool(EmailAddress.objects.filter(user=user, verified=True, email__iexact=email).exists())


def _record_change(invitation: Invitation, verb: Verb, event: str, by: Account) -> None:
    record_change(
        org=invitation.org,
        kind="invitation",
        ref=str(invitation.pk),
        verb=verb,
        event=event,
        by=by,
        audited=True,
        details={"email": invitation.email, "role": invitation.role},
    )


def may_sign_up_with(secret: str, email: str) -> bool:
    """Whether an open invitation lets this address create an account while sign-up is closed."""
    invitation = invitation_by_secret(secret)
    return invitation is not None and invitation.email.lower() == mailbox(email)
