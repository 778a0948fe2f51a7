"""The adapters of allauth."""

from typing import Any, Final
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import account_by_login
from server.apps.accounts.selectors.orgs import invitation_by_secret
from server.apps.accounts.services.accounts import choose_names
from server.apps.accounts.services.invitations import may_sign_up_with
from server.apps.accounts.services.memberships import join_by_domain
from server.apps.accounts.services.sessions import end_sessions
from server.apps.accounts.services.signing import end_weaker_sign_ins, is_confirmed, revoke_credentials
from server.apps.accounts.services.tries import ADDRESS_SCOPE, password_try, remember_address
from server.apps.activity.services.security import Kind, Result, record_security_event
from server.core import credentials, limits
from server.core.client_address import client_address
from server.core.errors import Invalid, LimitReached
from server.core.mail.addresses import mail_address
from server.core.mail.sending import mail
from server.core.public import public_link, site_url
from server.lib.lines import one_line
from server.lib.mailboxes import mailbox
from server.lib.passwords import plain_password, spellings

INVITATION_KEY: Final = "invitation"
"""Of a session: the secret of the invitation link that an anonymous visitor followed."""
_KINDS: Final = {
    "password_changed": Kind.PASSWORD_CHANGED,
    "password_reset": Kind.PASSWORD_CHANGED,
    "password_set": Kind.PASSWORD_CHANGED,
    "email_changed": Kind.ADDRESS_CHANGED,
    "email_deleted": Kind.ADDRESS_CHANGED,
    "account_connected": Kind.OTHER_SITE,
    "account_disconnected": Kind.OTHER_SITE,
}
"""By allauth's notification; all others are about second factors."""
_SIGN_UP: Final = {"account_signup", "socialaccount_signup"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """To everybody, or to those who followed the link of an open invitation."""
        invited = invitation_by_secret(request.session.get(INVITATION_KEY, ""))
        return settings.SIGNUP_OPEN or invited is not None

    def clean_email(self, email: str) -> str:
        """While sign-up is closed, an invitation is only for its own address."""
        match = self.request.resolver_match  # none before a view is chosen
        signs_up = match is not None and match.url_name in _SIGN_UP
        secret = self.request.session.get(INVITATION_KEY, "")
        if signs_up and not settings.SIGNUP_OPEN and not may_sign_up_with(secret, email):
            raise ValidationError("The invitation went to another address.")
        try:
            return mail_address(str(super().clean_email(email)), field="email")
        except Invalid as error:
            raise ValidationError(error.message) from error

    def clean_password(self, password: str, user: Account | None = None) -> str:
        return str(super().clean_password(plain_password(password), user))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """A visitor who followed an invitation continues with it."""
        invited = invitation_by_secret(request.session.get(INVITATION_KEY, ""))
        if invited is None:
            return str(super().get_login_redirect_url(request))
        return reverse("org-invitation", args=[invited.org.slug, request.session[INVITATION_KEY]])

    def get_client_ip(self, request: HttpRequest) -> str:
        """Never none: allauth would answer 403."""
        return client_address(request)

    def authenticate(self, request: HttpRequest, **given: Any) -> Account | None:
        """By password, counted together with the API's tries. Also asked for the password of
        somebody who is signed in."""
        address, login = client_address(request), str(given.get("email") or given.get("username") or "")
        try:
            limits.count(ADDRESS_SCOPE, address)
            with password_try(login=login, address=address) as this_try:
                user: Account | None = super().authenticate(request, **given)
                this_try.failed = user is None
                if user is None and account_by_login(login) is None:
                    for each in spellings(str(given.get("password") or ""))[1:]:
                        make_password(each)  # an unknown login takes as long as a wrong password
        except LimitReached as error:
            raise self.validation_error("too_many_login_attempts") from error
        return user

    def populate_username(self, request: HttpRequest, user: Account) -> None:
        """Accounts created on a page or by a social sign-in get public names as all others do."""
        choose_names(user)

    def set_password(self, user: Account, password: str) -> None:
        """A new password also ends what was issued under the old one, except for this browser."""
        super().set_password(user, password)
        revoke_credentials(user=user)
        end_sessions(user=user, keep=_session_key(self.request))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        login = str(credentials.get("email") or credentials.get("username") or "")
        account = account_by_login(login)
        record_security_event(Kind.SIGN_IN, account=account, result=Result.REFUSED, login=login)

    def post_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse:
        remember_address(account=user, address=client_address(request))
        record_security_event(Kind.SIGN_IN, account=user, subject="page")
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        return answer

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Account,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """allauth notifies of exactly what the security events record: passwords, second factors,
        addresses, other sites."""
        what = template_prefix.rpartition("/")[2]
        record_security_event(
            _KINDS.get(what, Kind.FACTOR_CHANGED), account=user, subject=what.replace("_", " ")
        )
        super().send_notification_mail(template_prefix, user, context, email)

    def mail_about_new_password(self, user: Account) -> None:
        """For the API, whose service has recorded the event."""
        super().send_notification_mail("account/email/password_changed", user)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed:
            join_by_domain(user=email_address.user)
        return confirmed

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sent by the worker. A response that waited for the mail server would reveal by its time
        that there is an account."""
        links = {
            name: public_link(self.request, value) for name, value in context.items() if name.endswith("_url")
        }
        sender = {"request": self.request, "email": email, "current_site": _Site(urlsplit(site_url()).netloc)}
        valid = {"reset_link_seconds": settings.PASSWORD_RESET_TIMEOUT}
        message = self.render_mail(template_prefix, email, {**sender, **valid, **context, **links})
        mail(
            to=[email],
            template="account/rendered",
            context={"subject": message.subject, "body": str(message.body)},
        )


def _session_key(request: HttpRequest | None) -> str:
    return (request.session.session_key if request is not None else None) or ""


class _Site:
    """The site for allauth's templates: there is no table of sites."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.name = settings.SITE_NAME


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sign-up is open when the account adapter allows it. Accounts match only by an address that
    both sides have confirmed."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Account:
        user: Account = super().populate_user(request, sociallogin, data)
        user.name = one_line(data.get("name") or "")[:120]
        for address in sociallogin.email_addresses:
            address.email = mailbox(address.email)
        return user

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """The pages of a site that is not configured do not exist."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Somebody else may have made the account with an address that was never confirmed. allauth
        takes the password; their tokens, sessions and second factors must go with it.
        """
        super().pre_social_login(request, sociallogin)
        user, email = sociallogin.user, sociallogin._did_authenticate_by_email
        if email and not EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists():
            user.set_unusable_password()
            user.save(update_fields=["password"])
            Authenticator.objects.filter(user=user).delete()
            revoke_credentials(user=user)
            end_sessions(user=user)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Account:
        user: Account = super().save_user(request, sociallogin, form)
        if is_confirmed(user):
            join_by_domain(user=user)
        return user


@receiver(authenticator_added)
def second_factor_added(request: HttpRequest, user: Account, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:  # they are no factor of their own
        end_weaker_sign_ins(user=user, keep=_session_key(request))


@receiver(authenticator_removed)
def second_factor_removed(request: HttpRequest, user: Account, **_: Any) -> None:
    end_sessions(user=user, keep=_session_key(request))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of second factors are sealed with the server's key."""

    def encrypt(self, text: str) -> str:
        return credentials.seal(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return credentials.unseal(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME

    def _get_site_name(self) -> str:
        return settings.SITE_NAME
