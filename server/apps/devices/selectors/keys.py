"""Holders of device secrets, and what a device may do as a caller."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import jwt
from django.db.models import Exists, OuterRef, Q, QuerySet
from jwt.types import Options

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import Person, org_ids_of_account_where, org_ids_where
from server.apps.devices.models import Device, DeviceKey
from server.core import credentials
from server.core.compiled import CompiledLookup
from server.core.errors import Unavailable
from server.lib.formats import Keys
from server.lib.slugs import DeviceSlug, SlugError

TOKEN_ALGORITHM: Final = "HS256"
READ_SCOPE: Final = "read"
WRITE_SCOPE: Final = "write"

STAFF_MARK: Final = "staff "
"""In the sealed claim `by` of a token, before whoever took it by `?staff=1`."""
_LOOK_ALIKES: Final = str.maketrans("018", "OIB")  # no digit of base 32, so they can only be misread letters
_REPORT_KINDS: Final = (DeviceKey.Kind.REPORT_USER, DeviceKey.Kind.REPORT_DEVICE)


@dataclass(frozen=True, slots=True)
class DeviceCaller:
    """`request.auth` when the caller is a device, by its upload key or a token. `request.user` is
    anonymous then."""

    device: Device
    may_read: bool
    """Its own data; itself and its acknowledgements it may always read."""

    @property
    def pk(self) -> int:
        """Throttles count by it."""
        return self.device.pk


class _AuthenticatedRequest(Protocol):
    """The part of a request that is read."""

    @property
    def auth(self) -> Any: ...


def device_of(request: _AuthenticatedRequest) -> Device | None:
    """Returns the calling device; None when the caller is a person or a program."""
    return request.auth.device if isinstance(request.auth, DeviceCaller) else None


def reading_device_of(request: _AuthenticatedRequest) -> Device | None:
    """Returns the calling device if it may read its data."""
    return device_of(request) if isinstance(request.auth, DeviceCaller) and request.auth.may_read else None


def valid_upload_key(key: str) -> DeviceKey | None:
    """With its device, which each upload needs. One query."""
    return _UPLOAD_KEY.first(credentials.digest(key))


_UPLOAD_KEY: Final = CompiledLookup(
    DeviceKey,
    lambda digest: DeviceKey.objects.filter(kind=DeviceKey.Kind.UPLOAD, digest=digest, revoked_on=None),
    "a digest",
    related=("device", "device__project", "device__sg"),
)


def upload_key_of(device: Device) -> DeviceKey | None:
    """Returns the valid one, with the person who made it."""
    return (
        DeviceKey.objects.select_related("created_by")
        .filter(device=device, kind=DeviceKey.Kind.UPLOAD, revoked_on=None)
        .first()
    )


def stored_report_keys(device: Device) -> QuerySet[DeviceKey]:
    """Return the valid ones, with the people who stored them."""
    keys = DeviceKey.objects.filter(device=device, kind__in=_REPORT_KINDS, revoked_on=None)
    return keys.select_related("created_by").order_by("kind")


def caller_of_device_token(token: str) -> tuple[DeviceKey, DeviceCaller] | None:
    """Returns the key that signed this token, and what its device may do; None when the token is
    not valid, also because its device was unclaimed, moved, switched off or got a new key since, or
    because whoever took it may not any more. One query.
    """
    named = _named_in(token)
    if named is None:
        return None
    found = (
        _with_rights(DeviceKey.objects.select_related("device__project", "device__sg"), named.issuer)
        .filter(device_id=named.number, kind=DeviceKey.Kind.A_JWT, revoked_on=None)
        .first()
    )
    if found is None:
        return None
    options: Options = {"require": ["exp", "iat", "device", "project", "scope"]}
    try:
        secret = credentials.unseal(bytes(found.sealed))
        claims = jwt.decode(token, secret, algorithms=[TOKEN_ALGORITHM], options=options)
    except jwt.InvalidTokenError:
        return None
    device, scope = found.device, claims["scope"]
    is_its_own = device.slug == claims["device"] and str(device.project_id) == claims["project"]
    may_write, may_read = (
        (found.by_staff, found.by_staff)  # type: ignore[attr-defined]  # annotations of `_with_rights`
        if named.as_staff
        else (found.by_writer, found.by_reader)  # type: ignore[attr-defined]
    )
    if not (is_its_own and device.active and device.claimed and WRITE_SCOPE in scope and may_write):
        return None
    return found, DeviceCaller(device, may_read=READ_SCOPE in scope and may_read)


@dataclass(frozen=True, slots=True)
class _Named:
    number: int
    issuer: int | None
    """Who took the token; None in those of earlier versions, for which whoever made the signing key
    stands."""
    as_staff: bool


def _named_in(token: str) -> _Named | None:
    """Returns what an unverified token names: enough to find the key that verifies
    it."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        number = DeviceSlug.parse(str(claims.get("device", ""))).number
        if "by" not in claims:
            return _Named(number, issuer=None, as_staff=False)
        by = credentials.unseal(str(claims["by"]).encode()).decode()
        return _Named(number, int(by.removeprefix(STAFF_MARK)), as_staff=by.startswith(STAFF_MARK))
    except (jwt.InvalidTokenError, SlugError, UnicodeEncodeError, Unavailable):
        return None


def _with_rights(keys: QuerySet[DeviceKey], issuer: int | None) -> QuerySet[DeviceKey]:
    """Annotates what the issuer may do now in the organisation of the device."""
    who: Any = OuterRef("created_by_id") if issuer is None else issuer
    people = Account.objects.filter(pk=who, is_active=True)
    return keys.annotate(
        by_writer=Exists(people.filter(_holds("can_create_stream_data"))),
        by_reader=Exists(people.filter(_holds("can_read_stream_data"))),
        by_staff=Exists(people.filter(is_staff=True)),
    )


def _holds(permission: str) -> Exists:
    """A condition on accounts in a subquery of keys."""
    memberships = org_ids_of_account_where(OuterRef("pk"), permission)
    return Exists(memberships.filter(org_id=OuterRef(OuterRef("device__org_id"))))


def claim_secret(number: int, code: str) -> str:
    """Returns the text whose digest is stored for a claim code. Blanks, dashes and look-alikes do
    not count: people copy codes."""
    letters = "".join(code.upper().replace("-", " ").split())
    return f"{number} {letters.translate(_LOOK_ALIKES)}"


def claimable_where(*, number: int, org_id: uuid.UUID, claim_code: str = "", key: str = "") -> Q:
    """A condition: this device is set aside for this organisation, or the proof is right. One
    query, whatever is wrong."""
    proofs = Q(pk__in=[])
    if claim_code:
        digest = credentials.digest(claim_secret(number, claim_code))
        proofs |= Q(kind=DeviceKey.Kind.CLAIM, digest=digest)
    if key:
        proofs |= Q(kind=DeviceKey.Kind.UPLOAD, digest=credentials.digest(key))
    proven = Exists(DeviceKey.objects.filter(proofs, device_id=OuterRef("pk"), revoked_on=None))
    return Q(pk=number, project=None) & (Q(org_id=org_id) | (Q(org=None) & Q(proven)))


def claimable_device(*, number: int, org_id: uuid.UUID, claim_code: str = "", key: str = "") -> Device | None:
    """Returns the device if it may be claimed into a project of this organisation with this
    proof."""
    condition = claimable_where(number=number, org_id=org_id, claim_code=claim_code, key=key)
    return Device.objects.filter(condition).select_related("sg").first()


def claimable_numbers(user: Person, *, codes: Mapping[int, str]) -> set[int]:
    """Returns which of these devices the user could claim; `codes`: claim codes by number, "" for
    none. One query."""
    mine = Q(org_id__in=org_ids_where(user, "can_claim_devices"))
    digests = [credentials.digest(claim_secret(number, code)) for number, code in codes.items() if code]
    proven = Exists(
        DeviceKey.objects.filter(
            device_id=OuterRef("pk"), kind=DeviceKey.Kind.CLAIM, digest__in=digests, revoked_on=None
        )
    )
    devices = Device.objects.filter(mine | (Q(org=None) & Q(proven)), pk__in=list(codes), project=None)
    return set(devices.values_list("pk", flat=True))


def report_keys_of(number: int) -> Keys:
    """Returns the root keys that sign and encrypt this device's reports."""
    sealed = dict(
        DeviceKey.objects.filter(device_id=number, kind__in=_REPORT_KINDS, revoked_on=None).values_list(
            "kind", "sealed"
        )
    )
    opened = {kind: credentials.unseal(bytes(secret)) for kind, secret in sealed.items()}
    return Keys(user=opened.get(DeviceKey.Kind.REPORT_USER), device=opened.get(DeviceKey.Kind.REPORT_DEVICE))
