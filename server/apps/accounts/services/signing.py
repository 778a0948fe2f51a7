"""Signing in, and the credentials that are issued for it."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import jwt
from allauth.account.models import EmailAddress
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from server.apps.accounts.models import Account, ApiToken, EndedJwt
from server.apps.accounts.selectors.accounts import (
    JwtOrigin,
    account_by_login,
    bearer_of_jwt,
    jwt_key,
    origin_of_jwt,
)
from server.apps.accounts.services.sessions import end_sessions
from server.apps.accounts.services.tries import (
    password_try,
    remember_address,
    second_factor_try,
    use_code_once,
)
from server.apps.activity.services.security import Kind, Result, record_security_event
from server.core import credentials
from server.core.errors import Conflict, FieldlineError, Invalid, NotFound
from server.lib.passwords import spellings

_TYPED = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)  # a passkey cannot be typed
_CODE_LIFETIME_S: Final = (2 * settings.MFA_TOTP_TOLERANCE + 1) * mfa_settings.TOTP_PERIOD


class SecondFactorNeeded(FieldlineError):
    """A second factor is needed: a code of your authenticator app, or a recovery code."""

    code = "otp-required"


class WrongSecondFactor(FieldlineError):
    """This code is wrong, or it has been used."""

    code = "otp-wrong"


@dataclass(frozen=True, slots=True)
class SignInResult:
    """An account, and two new credentials in the clear."""

    account: Account
    token: str
    jwt: str


def sign_in(*, login: str, password: str, address: str, otp: str = "") -> SignInResult | None:
    """Returns None for a wrong password, an inactive or unconfirmed account and an unknown address
    alike. Raises LimitReached; and
    SecondFactorNeeded and WrongSecondFactor, but only to callers that know the
    password.
    """
    account = authenticated_account(login=login, password=password, address=address, otp=otp)
    if account is None:
        return None
    return SignInResult(account, token=create_api_token(user=account), jwt=issue_jwt(user=account))


def authenticated_account(*, login: str, password: str, address: str, otp: str = "") -> Account | None:
    """By password, and by the second factor if the account has one. Returns and raises as
    `sign_in`."""
    with password_try(login=login, address=address) as this_try:
        account = account_with_password(login=login, password=password)
        this_try.failed = account is None
    if account is None or not is_confirmed(account):
        record_security_event(
            Kind.SIGN_IN, account=account_by_login(login), result=Result.REFUSED, login=login
        )
        return None
    if Authenticator.objects.filter(user=account).exists():
        _check_second_factor(account, otp, address)
    remember_address(account=account, address=address)
    record_security_event(Kind.SIGN_IN, account=account, subject="API")
    return account


def account_with_password(*, login: str, password: str) -> Account | None:
    """`login`: e-mail address or user name. An unknown one takes as long as a wrong password."""
    account = account_by_login(login)
    if account is None:
        for each in spellings(password):
            make_password(each)
        return None
    return account if account.check_password(password) else None


def is_confirmed(account: Account) -> bool:
    """Whether its owner has followed the mailed link, where the installation requires that."""
    if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory":
        return True
    return bool(EmailAddress.objects.filter(user=account, verified=True).exists())


def _check_second_factor(account: Account, otp: str, address: str) -> None:
    code = otp.strip()
    if not code:
        raise SecondFactorNeeded()
    factors = Authenticator.objects.filter(user=account, type__in=_TYPED)
    with second_factor_try(account=account, address=address) as this_try:
        try:
            if not any(factor.wrap().validate_code(code) for factor in factors):
                raise WrongSecondFactor()
            use_code(account=account, code=code)
        except WrongSecondFactor:
            record_security_event(Kind.SECOND_FACTOR, account=account, result=Result.REFUSED)
            raise
        this_try.failed = False


def use_code(*, account: Account, code: str) -> None:
    """A valid code signs in once, on a page or by the API. Raises WrongSecondFactor.

    allauth remembers a used code for one period; with the tolerance it is valid for longer.
    """
    if not use_code_once(account=account, code="".join(code.split()), seconds=_CODE_LIFETIME_S):
        raise WrongSecondFactor()


@transaction.atomic
def create_api_token(*, user: Account, name: str = "", now: datetime | None = None) -> str:
    """Returns the token in the clear, which is not stored. Without a name it belongs to a sign-in,
    and the oldest of those is revoked to make room; named tokens stay. Raises Conflict when there
    are too many of them.
    """
    now = now or timezone.now()
    Account.objects.select_for_update().get(pk=user.pk)  # one at a time, or they would count wrongly
    live = ApiToken.objects.filter(user=user, revoked_on=None, expires_on__gt=now)
    if name and live.exclude(name="").count() >= settings.API_TOKENS_NAMED:
        raise Conflict("There are too many tokens. Revoke one first.", field="name")
    if not name:
        kept = live.filter(name="").order_by("-created_on")[: settings.API_TOKENS_OF_SIGN_IN - 1]
        live.filter(name="").exclude(pk__in=list(kept.values_list("pk", flat=True))).update(revoked_on=now)
    token = secrets.token_hex(20)
    lifetime = timedelta(days=settings.API_TOKEN_LIFETIME_DAYS)
    ApiToken.objects.create(user=user, name=name, digest=credentials.digest(token), expires_on=now + lifetime)
    record_security_event(Kind.TOKEN_CREATED, account=user, subject=name)
    return token


def revoke_api_token(*, token: str) -> None:
    found = ApiToken.objects.filter(digest=credentials.digest(token), revoked_on=None)
    for each in found.select_related("user"):
        found.update(revoked_on=timezone.now())
        record_security_event(Kind.TOKEN_REVOKED, account=each.user, subject=each.name)


def revoke_own_token(*, user: Account, token_id: uuid.UUID) -> None:
    """Raises NotFound, also for a token of another account."""
    mine = ApiToken.objects.filter(user=user, pk=token_id, revoked_on=None)
    if not mine.update(revoked_on=timezone.now()):
        raise NotFound()
    record_security_event(Kind.TOKEN_REVOKED, account=user, subject=str(token_id))


def revoke_credentials(*, user: Account) -> None:
    """Every JWT and token of this account stops working at once."""
    with transaction.atomic():
        # Incremented in the database: `user` may have been read before another request revoked.
        Account.objects.filter(pk=user.pk).update(credentials_version=F("credentials_version") + 1)
        user.refresh_from_db(fields=["credentials_version"])
        ApiToken.objects.filter(user=user, revoked_on=None).update(revoked_on=timezone.now())
        record_security_event(Kind.CREDENTIALS_REVOKED, account=user)


def end_weaker_sign_ins(*, user: Account, keep: str) -> None:
    """Called when a second factor was added. All other sessions end; with the first factor also all
    tokens and JWTs, which came by the password alone. `keep`: the key of a session.
    """
    end_sessions(user=user, keep=keep)
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    if factors.count() == 1:
        revoke_credentials(user=user)


def issue_jwt(
    *,
    user: Account,
    now: datetime | None = None,
    first_issued_on: datetime | None = None,
    origin: JwtOrigin | None = None,
) -> str:
    """Claims as the existing clients read them, plus those that it ends with: `ver`, the account's
    version of credentials; `fam`, of the sign-in; `tid`, the token and `sid`, the session that it
    came from.
    """
    now, origin = now or timezone.now(), origin or JwtOrigin(uuid.uuid4())
    claims = {
        "user_id": user.pk,
        "username": user.username,
        "email": user.email,
        "exp": now + timedelta(days=settings.JWT_LIFETIME_DAYS),
        "orig_iat": int((first_issued_on or now).timestamp()),
        "ver": user.credentials_version,
        "jti": uuid.uuid4().hex,
        "fam": origin.family.hex,
    }
    if origin.token_id is not None:
        claims["tid"] = origin.token_id.hex
    if origin.session:
        claims["sid"] = origin.session
    return jwt.encode(claims, jwt_key(), algorithm="HS256")


def refresh_jwt(*, token: str, now: datetime | None = None) -> str:
    """Returns a new one for a valid one, until `JWT_REFRESH_DAYS` after the sign-in. It ends with
    what the old one ends with. Raises Invalid.
    """
    now = now or timezone.now()
    user, signed_in_on = bearer_of_jwt(token)
    if user is None or signed_in_on is None:
        raise Invalid("The token is not valid or has expired.")
    if now - signed_in_on > timedelta(days=settings.JWT_REFRESH_DAYS):
        raise Invalid("The token is too old to be refreshed. Sign in again.")
    return issue_jwt(user=user, now=now, first_issued_on=signed_in_on, origin=origin_of_jwt(token))


def issue_jwt_for_token(*, user: Account, token: str) -> str:
    """Returns a JWT that ends with the token, which must be valid."""
    token_id = ApiToken.objects.values_list("pk", flat=True).get(digest=credentials.digest(token))
    return issue_jwt(user=user, origin=JwtOrigin(uuid.uuid4(), token_id=token_id))


def issue_jwt_for_session(*, user: Account, session_key: str) -> str:
    """Returns a JWT that ends with the session."""
    sealed = credentials.seal(session_key.encode()).decode()
    return issue_jwt(user=user, origin=JwtOrigin(uuid.uuid4(), session=sealed))


def end_jwt(*, token: str) -> None:
    """The JWT ends, and so do those that it was refreshed from and to. Idempotent; `token` must be
    valid."""
    expires_on = timezone.now() + timedelta(days=settings.JWT_LIFETIME_DAYS)
    EndedJwt.objects.get_or_create(family=origin_of_jwt(token).family, defaults={"expires_on": expires_on})
