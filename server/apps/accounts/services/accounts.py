"""Use cases of accounts and organisations."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import available_timezones

import jwt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from server.apps.accounts import selectors
from server.apps.accounts.models import Account, ApiToken, Org, OrgMembership, Role, permissions_of
from server.core import credentials
from server.core.errors import Conflict, Invalid


@transaction.atomic
def create_account(
    *, email: str, password: str | None = None, username: str = "", name: str = "", is_staff: bool = False
) -> Account:
    """Without a password nobody can sign in as it. Raises Invalid for a weak password, Conflict for a known address."""
    _check_email(email)
    username = username or email.split("@")[0]
    account = Account(email=email.lower(), username=_free_username(username), name=name, is_staff=is_staff)
    account.slug = _free_slug(account.username)
    if password is not None:
        _check_password(password, account)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise Conflict("There is an account with this e-mail address.", field="email") from error
    return account


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid("This is no e-mail address.", field="email") from error


def _check_password(password: str, account: Account) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error


def _free_username(wanted: str) -> str:
    wanted = wanted[:34] or "user"
    taken = set(Account.objects.filter(username__istartswith=wanted).values_list("username", flat=True))
    return _first_free(wanted, {name.lower() for name in taken})


def _free_slug(username: str) -> str:
    wanted = slugify(username) or "user"
    return _first_free(
        wanted, set(Account.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    )


def _first_free(wanted: str, taken: set[str]) -> str:
    candidate, number = wanted, 1
    while candidate.lower() in taken:
        number += 1
        candidate = f"{wanted}-{number}"
    return candidate


def change_profile(*, user: Account, name: str, time_zone: str) -> None:
    """Raises Invalid for what is no name of the IANA time zone database."""
    if time_zone not in available_timezones():
        raise Invalid("There is no such time zone.", field="time_zone")
    user.name, user.time_zone = name, time_zone
    user.save(update_fields=["name", "time_zone", "updated_at"])


@transaction.atomic
def create_org(*, name: str, by: Account, about: str = "", is_vendor: bool = False) -> Org:
    """The creator becomes its owner."""
    slug = slugify(name)
    if not slug:
        raise Invalid("A name needs at least one letter or digit.", field="name")
    try:
        with transaction.atomic():
            org = Org.objects.create(name=name, slug=slug, about=about, is_vendor=is_vendor, created_by=by)
    except IntegrityError as error:
        raise Conflict("There is an organisation with this name.", field="name") from error
    add_member(org=org, user=by, role=Role.OWNER)
    return org


@transaction.atomic
def add_member(*, org: Org, user: Account, role: Role) -> OrgMembership:
    try:
        with transaction.atomic():
            return OrgMembership.objects.create(
                org=org,
                user=user,
                role=role,
                is_active=role != Role.DEREGISTERED,
                is_org_admin=role in {Role.OWNER, Role.ADMIN},
                permissions=permissions_of(role),
            )
    except IntegrityError as error:
        raise Conflict("This person is a member already.", field="user") from error


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person, and two new credentials in the clear."""

    account: Account
    token: str
    jwt: str


def sign_in(*, login: str, password: str) -> SignedIn | None:
    """None for a wrong password, an inactive account and an unknown address alike."""
    account = account_with(login=login, password=password)
    if account is None:
        return None
    return SignedIn(account, token=create_api_token(user=account), jwt=issue_jwt(user=account))


def account_with(*, login: str, password: str) -> Account | None:
    """By e-mail address or user name. An unknown one takes as long as a wrong password."""
    account = selectors.account_by_login(login)
    if account is None:
        make_password(password)
        return None
    return account if account.check_password(password) else None


def create_api_token(*, user: Account, now: datetime | None = None) -> str:
    """The token in the clear, which is nowhere kept."""
    token = secrets.token_hex(20)
    lifetime = timedelta(days=settings.API_TOKEN_LIFETIME_DAYS)
    ApiToken.objects.create(
        user=user, digest=credentials.digest(token), expires_on=(now or timezone.now()) + lifetime
    )
    return token


def revoke_api_token(*, token: str) -> None:
    digest = credentials.digest(token)
    ApiToken.objects.filter(digest=digest, revoked_on=None).update(revoked_on=timezone.now())


def revoke_credentials(*, user: Account) -> None:
    """Every JWT and token of this person stops working at once."""
    with transaction.atomic():
        # Counted up in the database: `user` may have been read before somebody else revoked.
        Account.objects.filter(pk=user.pk).update(credentials_version=F("credentials_version") + 1)
        user.refresh_from_db(fields=["credentials_version"])
        ApiToken.objects.filter(user=user, revoked_on=None).update(revoked_on=timezone.now())


def issue_jwt(*, user: Account, now: datetime | None = None, first_issued_on: datetime | None = None) -> str:
    """Claims as the existing clients read them, plus `ver`: raising the account's version revokes it."""
    now = now or timezone.now()
    claims = {
        "user_id": user.pk,
        "username": user.username,
        "email": user.email,
        "exp": now + timedelta(days=settings.JWT_LIFETIME_DAYS),
        "orig_iat": int((first_issued_on or now).timestamp()),
        "ver": user.credentials_version,
        "jti": uuid.uuid4().hex,
    }
    return jwt.encode(claims, selectors.jwt_key(), algorithm="HS256")


def refresh_jwt(*, token: str, now: datetime | None = None) -> str:
    """A new one for a valid one, until `JWT_REFRESH_DAYS` after the sign-in. Raises Invalid."""
    now = now or timezone.now()
    user, signed_in_on = selectors.bearer_of_jwt(token)
    if user is None or signed_in_on is None:
        raise Invalid("The token is not valid or has expired.")
    if now - signed_in_on > timedelta(days=settings.JWT_REFRESH_DAYS):
        raise Invalid("The token is too old to be refreshed. Please sign in again.")
    return issue_jwt(user=user, now=now, first_issued_on=signed_in_on)
