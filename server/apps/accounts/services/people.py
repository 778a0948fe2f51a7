"""Sign-up, changes and erasure of accounts."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from server.apps.accounts.models import Account, ApiToken, Invitation, OrgMembership, Role
from server.apps.accounts.selectors.orgs import is_last_owner
from server.apps.accounts.services.accounts import check_password, create_account
from server.apps.accounts.services.memberships import lock_owners
from server.apps.accounts.services.sessions import end_sessions
from server.apps.accounts.services.signing import revoke_credentials
from server.apps.activity.services.changes import Verb, record_change
from server.apps.activity.services.security import Kind, record_security_event
from server.core.errors import Conflict, Forbidden, Invalid
from server.core.mail.addresses import mail_address


def sign_up(*, email: str, password: str, username: str = "", name: str = "") -> Account | None:
    """Returns None when the address has an account, which only its owner may learn. Raises
    Forbidden while sign-up is closed, Invalid for a weak password, for known addresses too.
    """
    if not settings.SIGNUP_OPEN:
        raise Forbidden("Sign-up is closed: the operators of this server create accounts.")
    email = mail_address(email, field="email")
    check_password(password, Account(email=email, username=username, name=name))
    if Account.objects.filter(email__iexact=email).exists():
        make_password(password)  # takes as long as for a new address
        return None
    try:
        return create_account(email=email, password=password, username=username, name=name, confirmed=False)
    except Conflict:  # a concurrent request was faster
        return None


def change_account(*, account: Account, name: str | None = None, tagline: str | None = None) -> None:
    """None leaves a value as it is."""
    account.name = account.name if name is None else name
    account.tagline = account.tagline if tagline is None else tagline
    account.save(update_fields=["name", "tagline", "updated_at"])


@transaction.atomic
def set_password(*, user: Account, current: str, new: str) -> None:
    """All credentials issued under the old one stop working. Raises Invalid with the field that is
    wrong."""
    if not user.check_password(current):
        raise Invalid("This is not your present password.", field="current_password")
    check_password(new, user)
    user.set_password(new)
    user.save(update_fields=["password", "updated_at"])
    revoke_credentials(user=user)
    end_sessions(user=user)
    record_security_event(Kind.PASSWORD_CHANGED, account=user)


@transaction.atomic
def erase_account(*, account: Account, by: Account) -> None:
    """Remove everything personal, so that nobody can sign in with it. What the person created
    stays, by a nameless account.

    Raises Conflict for the last owner of an organisation, which nobody could manage any more.
    """
    _require_other_owners(account)
    _leave_organisations(account, by)
    for personal in (EmailAddress, Authenticator, SocialAccount, ApiToken):
        personal.objects.filter(user=account).delete()
    Invitation.objects.filter(email__iexact=account.email).delete()
    account.username = account.slug = f"erased-{account.pk}"
    account.email = f"erased-{account.pk}@erased.invalid"
    account.name = account.tagline = ""
    account.time_zone = "UTC"
    account.is_active = account.is_staff = account.is_superuser = False
    account.set_unusable_password()
    account.save()
    revoke_credentials(user=account)
    end_sessions(user=account)
    record_security_event(Kind.ACCOUNT_ERASED, account=by, subject=account.username)


def _require_other_owners(account: Account) -> None:
    """Locks the organisations: of two owners who leave concurrently, one stays. Raises Conflict."""
    memberships = OrgMembership.objects.filter(user=account, is_active=True)
    # All of them, and not only the owned ones: `_leave_organisations` ends each, and somebody may
    # be made an owner meanwhile.
    lock_owners(memberships.values_list("org", flat=True))
    owned = memberships.filter(role=Role.OWNER).select_related("org").order_by("org__name")
    alone = [membership.org.name for membership in owned if is_last_owner(membership)]
    if alone:
        raise Conflict(f"This is the last owner of {', '.join(alone)}. Make somebody else an owner first.")


def _leave_organisations(account: Account, by: Account) -> None:
    for membership in OrgMembership.objects.filter(user=account, is_active=True).select_related("org"):
        membership.role, membership.is_active, membership.is_org_admin = Role.DEREGISTERED, False, False
        membership.permissions = {}
        membership.save()
        record_change(
            org=membership.org,
            kind="membership",
            ref=f"@erased-{account.pk}",
            verb=Verb.CHANGED,
            event="erase-account",
            by=by,
            audited=True,
        )
