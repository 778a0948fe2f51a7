"""Questions about accounts and organisations, and the gate to an organisation."""

import hashlib
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TypeAlias

import jwt
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Lower, Now
from django.utils import timezone
from jwt.types import Options
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from server.apps.accounts.models import Account, ApiToken, EndedJwt, Org, OrgMembership, Role
from server.core import credentials
from server.core.compiled import EXAMPLES, CompiledLookup
from server.core.errors import Forbidden, NotFound, Unavailable
from server.core.sessions import BrowserSession
from server.lib.mailboxes import mailbox

Person: TypeAlias = Account | AnonymousUser


def active_memberships(user: Person) -> QuerySet[OrgMembership]:
    return _memberships_of(user.pk) if user.is_authenticated else OrgMembership.objects.none()


def _memberships_of(user_id: int | OuterRef) -> QuerySet[OrgMembership]:
    return OrgMembership.objects.filter(user_id=user_id, is_active=True).exclude(role=Role.DEREGISTERED)


def orgs_of(user: Person, *, staff: bool = False) -> QuerySet[Org]:
    """Those the user is a member of; `staff`: all."""
    orgs = Org.objects.all()
    if not staff:
        orgs = orgs.filter(memberships__in=active_memberships(user)).distinct()
    return orgs.select_related("created_by", "ot", "avatar")


def org_for(user: Person, slug: str, *, staff: bool = False) -> Org:
    """The gate to an organisation."""
    org = orgs_of(user, staff=staff).filter(slug=slug).first()
    if org is None:
        raise NotFound()
    return org


def org_by_slug(slug: str) -> Org | None:
    """Any: for staff, who may name every organisation."""
    return Org.objects.filter(slug=slug).first()


def membership_in(user: Person, org: Org) -> OrgMembership | None:
    return active_memberships(user).filter(org=org).first()


def permissions_by_org(user: Account) -> dict[str, list[str]]:
    """What the user may do, by the id of the organisation. One query."""
    held = active_memberships(user).values_list("org_id", "permissions")
    return {str(org): sorted(name for name, has in given.items() if has) for org, given in held}


def may(user: Person, permission: str, org: Org) -> bool:
    membership = membership_in(user, org)
    return membership is not None and membership.may(permission)


def require(user: Person, permission: str, org: Org, *, staff: bool = False) -> None:
    """Raises Forbidden for a member who sees the object but may not do this. `staff`: a staff
    request, which may."""
    if not staff and not may(user, permission, org):
        raise Forbidden()


def org_ids_where(user: Person, permission: str) -> QuerySet[OrgMembership, uuid.UUID]:
    """A subquery of the organisations in which the user holds a permission."""
    return _where(active_memberships(user), permission)


def org_ids_of_account_where(user_id: int | OuterRef, permission: str) -> QuerySet[OrgMembership, uuid.UUID]:
    """The same by number, for compiled queries and subqueries."""
    return _where(_memberships_of(user_id), permission)


def _where(memberships: QuerySet[OrgMembership], permission: str) -> QuerySet[OrgMembership, uuid.UUID]:
    """Compared as text: a JSON parameter would be serialized for each query."""
    held = memberships.alias(held=KT(f"permissions__{permission}")).filter(held="true")
    return held.values_list("org_id", flat=True)


def is_member(user: Person, org_field: str = "org_id") -> Exists:
    """A condition for querysets of objects that belong to an organisation."""
    return Exists(active_memberships(user).filter(org_id=OuterRef(org_field)))


def members_among(org: Org, slugs: Iterable[str]) -> set[str]:
    """Those of the accounts, by slug, that are active members of the organisation."""
    members = OrgMembership.objects.filter(org=org, is_active=True).exclude(role=Role.DEREGISTERED)
    return set(members.filter(user__slug__in=list(slugs)).values_list("user__slug", flat=True))


def actor_of(request: Request) -> Account:
    """Returns the account of the caller. Raises NotAuthenticated for anonymous callers, programs
    and devices."""
    if not isinstance(request.user, Account):
        raise NotAuthenticated()
    return request.user


def is_staff_request(request: Request) -> bool:
    """Whether staff request everything by `?staff=1`; otherwise they see what is theirs, like
    everybody."""
    user = request.user
    return isinstance(user, Account) and user.is_staff and request.query_params.get("staff") == "1"


def accounts_visible_to(user: Person, *, staff: bool = False) -> QuerySet[Account]:
    """The user's own; `staff`: all."""
    if staff:
        return Account.objects.all()
    return Account.objects.filter(pk=user.pk) if user.is_authenticated else Account.objects.none()


def account_for(user: Person, slug: str, *, staff: bool = False) -> Account:
    """The gate to an account, by `alice` or `@alice`."""
    visible = accounts_visible_to(user, staff=staff)
    account = visible.filter(slug=slug.removeprefix("@")).first() if slug.isprintable() else None
    if account is None:
        raise NotFound()
    return account


def account_by_login(login: str) -> Account | None:
    """By e-mail address or user name, in any case and spelling. The address goes first: a user name
    may look like somebody else's address."""
    accounts = Account.objects.filter(is_active=True).alias(mail=Lower("email"), user_name=Lower("username"))
    name = Account.normalize_username(login)
    return (
        accounts.filter(mail=mailbox(login)).first() or accounts.filter(user_name=Lower(Value(name))).first()
    )


def first_account() -> Account | None:
    """Returns the first account of the installation, which is its owner's."""
    return Account.objects.order_by("pk").first()


def jwt_key() -> bytes:
    """Returns a key derived from SECRET_KEY: the key that signs sessions must not sign tokens."""
    return _jwt_key_from(settings.SECRET_KEY)


def _jwt_key_from(secret_key: str) -> bytes:
    return hashlib.sha256(b"fieldline jwt " + secret_key.encode()).digest()


@dataclass(frozen=True, slots=True)
class JwtOrigin:
    """What a JWT came from, and ends with."""

    family: uuid.UUID
    """Of the sign-in: a JWT shares it with those that it was refreshed from and to."""
    token_id: uuid.UUID | None = None
    session: str = ""
    """The key of the session, sealed: the bearer must not learn it."""


def _bearers(pk: int, version: int, family: uuid.UUID) -> QuerySet[Account]:
    signed_out = Exists(EndedJwt.objects.filter(family=family))
    return Account.objects.filter(~signed_out, pk=pk, credentials_version=version, is_active=True)


def _bearers_of_token(pk: int, version: int, family: uuid.UUID, token_id: uuid.UUID) -> QuerySet[Account]:
    live = Exists(ApiToken.objects.filter(pk=token_id, user_id=pk, revoked_on=None, expires_on__gt=Now()))
    return _bearers(pk, version, family).filter(live)


_A_FAMILY, _A_TOKEN = uuid.UUID(int=EXAMPLES[0]), uuid.UUID(int=EXAMPLES[1])
_BEARER = CompiledLookup(Account, _bearers, *EXAMPLES, _A_FAMILY)
_BEARER_OF_TOKEN = CompiledLookup(Account, _bearers_of_token, *EXAMPLES, _A_FAMILY, _A_TOKEN)


_NOT_A_JWT: Final = (jwt.InvalidTokenError, KeyError, TypeError, ValueError, AttributeError)


@lru_cache(maxsize=4096)
def _signed_claims(token: str, key: bytes) -> dict[str, Any]:
    """Returns the claims of a token with a valid signature, expired or not. Raises
    jwt.InvalidTokenError."""
    # Cached, since a device or phone sends the same token with each request. Only expiry depends on
    # the time, and is checked later.
    options: Options = {"require": ["exp", "orig_iat", "ver"], "verify_exp": False}
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["HS256"], options=options)
    return claims


def _claims_by_any_key(token: str) -> dict[str, Any]:
    """Returns the claims of a token that the present SECRET_KEY or a former one signed. Raises
    jwt.InvalidTokenError."""
    for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        with suppress(jwt.InvalidSignatureError):
            return _signed_claims(token, _jwt_key_from(secret_key))
    raise jwt.InvalidSignatureError


def bearer_of_jwt(token: str) -> tuple[Account | None, datetime | None]:
    """Returns the account and the time of its sign-in; (None, None) when the token is not valid,
    has expired or was revoked."""
    try:
        claims = _claims_by_any_key(token)
        if int(claims["exp"]) <= timezone.now().timestamp():
            return None, None
        user_id, version = int(claims["user_id"]), int(claims["ver"])
        signed_in_on = datetime.fromtimestamp(int(claims["orig_iat"]), UTC)
        origin = _origin(claims)
    except (*_NOT_A_JWT, OverflowError, OSError):
        return None, None
    user = _bearer(user_id, version, origin)
    return (user, signed_in_on) if user is not None else (None, None)


def origin_of_jwt(token: str) -> JwtOrigin:
    """For a token with a bearer."""
    return _origin(_claims_by_any_key(token))


def _origin(claims: dict[str, Any]) -> JwtOrigin:
    """Raises one of `_NOT_A_JWT` for senseless claims."""
    token_id = claims.get("tid")
    return JwtOrigin(
        uuid.UUID(claims.get("fam") or claims["jti"]),  # the first ones had no family
        uuid.UUID(token_id) if token_id else None,
        str(claims.get("sid", "")),
    )


def _bearer(user_id: int, version: int, origin: JwtOrigin) -> Account | None:
    if origin.token_id is not None:
        return _BEARER_OF_TOKEN.first(user_id, version, origin.family, origin.token_id)
    user = _BEARER.first(user_id, version, origin.family)
    return None if user is None or (origin.session and not _has_session(user, origin.session)) else user


def _has_session(user: Account, sealed: str) -> bool:
    try:
        key = credentials.unseal(sealed.encode()).decode()
    except Unavailable:  # by a SEAL_KEY that is no longer ours
        return False
    sessions = BrowserSession.objects.filter(session_key=key, account_id=user.pk)
    return sessions.filter(expire_date__gt=timezone.now()).exists()


def valid_api_token(token: str) -> ApiToken | None:
    """With its user. One query."""
    return (
        ApiToken.objects.select_related("user")
        .filter(
            digest=credentials.digest(token),
            revoked_on=None,
            expires_on__gt=timezone.now(),
            user__is_active=True,
        )
        .first()
    )
