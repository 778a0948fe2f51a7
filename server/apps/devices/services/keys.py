"""Create, disclose and revoke the secrets that a device and the server share. One valid key per
kind."""

import base64
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import jwt
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import may, require
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.selectors.keys import (
    READ_SCOPE,
    STAFF_MARK,
    TOKEN_ALGORITHM,
    WRITE_SCOPE,
    claim_secret,
)
from server.core import credentials
from server.core.errors import Conflict, Invalid, NotFound

DEVICE_KEY_PREFIX: Final = "fdk_"

_ROOT_KEY_DIGITS: Final = 64
_HEX: Final = re.compile(r"[0-9a-fA-F]+")
_CLAIM_CODE_BYTES: Final = 10  # 80 bits cannot be guessed
_CLAIM_CODE_GROUP: Final = 4
_REVOKED_AT_CLAIM: Final = (DeviceKey.Kind.CLAIM, DeviceKey.Kind.A_JWT)
_FACTORY_KINDS: Final = (
    DeviceKey.Kind.X_API,
    DeviceKey.Kind.MQTT,
    DeviceKey.Kind.SSH,
    DeviceKey.Kind.USER,
)


@dataclass(frozen=True, slots=True)
class NewUploadKey:
    id: uuid.UUID
    """Public: part of the address to which boards post that can set no header."""
    key: str
    """In the clear, which is not stored."""


def issue_upload_key(*, device: Device, by: Account | None) -> str:
    """Returns the key in the clear, which is not stored; the former one stops working."""
    return new_upload_key(device=device, by=by).key


@transaction.atomic
def new_upload_key(*, device: Device, by: Account | None) -> NewUploadKey:
    """Returns the key with its id; the former one stops working."""
    key = DEVICE_KEY_PREFIX + secrets.token_urlsafe(32)
    made = _replace(device, DeviceKey.Kind.UPLOAD, by, digest=credentials.digest(key))
    return NewUploadKey(made.pk, key)


@transaction.atomic
def change_upload_key(*, device: Device, by: Account, staff: bool = False) -> str:
    """Returns a new key in the clear, for people who set the device up again; the former one stops
    working. Raises Forbidden without `can_modify_device`, NotFound for a device of no organisation.
    """
    _lock(device)
    device.refresh_from_db(fields=["org", "project"])  # it may have left the organisation a moment ago
    if device.org is None:
        raise NotFound()
    require(by, "can_modify_device", device.org, staff=staff)
    key = issue_upload_key(device=device, by=by)
    _record_key_change(device, "change-device-key", by, {})
    return key


@transaction.atomic
def set_report_key(*, device: Device, kind: DeviceKey.Kind, root_key: bytes, by: Account | None) -> None:
    """Store the root key (32 bytes) that signs and encrypts this device's reports, sealed. Raises
    Invalid."""
    if kind not in {DeviceKey.Kind.REPORT_USER, DeviceKey.Kind.REPORT_DEVICE} or len(root_key) != 32:
        raise Invalid("A report root key has 32 bytes.", field="root_key")
    _replace(device, kind, by, sealed=credentials.seal(root_key))


def parse_root_key(text: str) -> bytes:
    """Read a report root key as people write it: 64 hex digits. Raises Invalid, without the text:
    it may be most of a secret."""
    digits = "".join(text.split())
    if len(digits) != _ROOT_KEY_DIGITS or not _HEX.fullmatch(digits):
        raise Invalid(f"A report root key has {_ROOT_KEY_DIGITS} hex digits.", field="root_key")
    return bytes.fromhex(digits)


@transaction.atomic
def store_report_key(
    *, device: Device, kind: DeviceKey.Kind, root_key: bytes, by: Account, staff: bool = False
) -> None:
    """Store the root key of a device's reports for people who set it up; it replaces the former one
    of this kind and is not disclosed again. Raises Forbidden without `can_modify_device`, NotFound
    for a device of no organisation, Invalid.
    """
    _lock(device)
    device.refresh_from_db(fields=["org", "project"])  # it may have left the organisation a moment ago
    if device.org is None and not staff:
        raise NotFound()
    if device.org is not None:
        require(by, "can_modify_device", device.org, staff=staff)
    set_report_key(device=device, kind=kind, root_key=root_key, by=by)
    if device.org is not None:
        _record_key_change(device, "store-report-key", by, {"kind": kind.label})


@transaction.atomic
def issue_claim_code(*, device: Device, by: Account | None) -> str:
    """Returns a code that proves once that somebody has the device, printed on it or on its box;
    the former code is void.

    In the clear, such as `2H5X-WQTK-7M3B-N4CP`; it is not stored. Raises Conflict for a device that
    is in a project.
    """
    if device.claimed:
        raise Conflict("The device is claimed already.")
    return _new_claim_code(device, by)


@transaction.atomic
def issue_claim_code_at_unclaim(*, device: Device, by: Account) -> str:
    """For a device that is leaving its project: its former owner can claim it again, or pass the
    code on with it."""
    return _new_claim_code(device, by)


def _new_claim_code(device: Device, by: Account | None) -> str:
    code = base64.b32encode(secrets.token_bytes(_CLAIM_CODE_BYTES)).decode()
    _replace(device, DeviceKey.Kind.CLAIM, by, digest=credentials.digest(claim_secret(device.pk, code)))
    return "-".join(
        code[start : start + _CLAIM_CODE_GROUP] for start in range(0, len(code), _CLAIM_CODE_GROUP)
    )


@transaction.atomic
def issue_device_token(
    *, device: Device, by: Account, now: datetime | None = None, staff: bool = False
) -> str:
    """Returns a JWT that *is* the device: it writes its data, and reads it if `by` may. It expires,
    and ends with the device's next claim, move or key, and with the right of `by` to take one.
    Raises Forbidden without `can_create_stream_data`, Conflict for a device that is inactive or in
    no project.
    """
    org = device.org
    if org is None:
        raise NotFound()
    require(by, "can_create_stream_data", org, staff=staff)
    if not (device.active and device.claimed):
        raise Conflict("Only a device that is active and in a project has a token.")
    may_read = staff or may(by, "can_read_stream_data", org)
    scope = [READ_SCOPE, WRITE_SCOPE] if may_read else [WRITE_SCOPE]
    now = now or timezone.now()
    lifetime = timedelta(days=settings.DEVICE_TOKEN_LIFETIME_DAYS)
    claims = {
        "device": device.slug,
        "project": str(device.project_id),
        "iat": now,
        "exp": now + lifetime,
        "scope": scope,
        "by": credentials.seal(f"{STAFF_MARK if staff else ''}{by.pk}".encode()).decode(),
    }
    token = jwt.encode(claims, _token_secret(device, by), algorithm=TOKEN_ALGORITHM)
    _record_key_change(
        device, "issue-device-token", by, {"scope": scope, "expires_on": (now + lifetime).isoformat()}
    )
    return token


def _token_secret(device: Device, by: Account) -> bytes:
    """Returns the device's own signing key, created on first use."""
    _lock(device)
    key = DeviceKey.objects.filter(device=device, kind=DeviceKey.Kind.A_JWT, revoked_on=None).first()
    if key is not None:
        return credentials.unseal(bytes(key.sealed))
    secret = secrets.token_bytes(32)
    _replace(device, DeviceKey.Kind.A_JWT, by, sealed=credentials.seal(secret))
    return secret


@transaction.atomic
def disclose_key(*, device: Device, kind: DeviceKey.Kind, by: Account, staff: bool = False) -> str:
    """Returns a factory key of the device in the clear, for people who set it up. Raises Forbidden
    without `can_modify_device`, NotFound when there is no downloadable one.
    """
    if device.org is None:
        raise NotFound()
    require(by, "can_modify_device", device.org, staff=staff)
    if kind not in _FACTORY_KINDS:
        raise NotFound()
    key = DeviceKey.objects.filter(device=device, kind=kind, revoked_on=None, downloadable=True).first()
    if key is None or not key.sealed:
        raise NotFound()
    _record_key_change(device, "read-device-key", by, {"type": kind.label})
    return credentials.unseal(bytes(key.sealed)).decode(errors="replace")


def revoke_device_tokens(*, device: Device) -> None:
    """Every `a-jwt` of the device ends at once."""
    _revoke(device, DeviceKey.Kind.A_JWT)


def revoke_keys_at_claim(*, device: Device) -> None:
    """A claim code is valid for one claim, and the former owner's tokens must not act for the next
    one."""
    DeviceKey.objects.filter(device=device, kind__in=_REVOKED_AT_CLAIM, revoked_on=None).update(
        revoked_on=timezone.now()
    )


def _replace(
    device: Device, kind: DeviceKey.Kind, by: Account | None, *, digest: str = "", sealed: bytes = b""
) -> DeviceKey:
    _lock(device)
    _revoke(device, kind)
    return DeviceKey.objects.create(device=device, kind=kind, digest=digest, sealed=sealed, created_by=by)


def _lock(device: Device) -> None:
    """Of two concurrent requests each gets a key, and the later one is valid."""
    Device.objects.select_for_update(no_key=True).get(pk=device.pk)


def _revoke(device: Device, kind: DeviceKey.Kind) -> None:
    DeviceKey.objects.filter(device=device, kind=kind, revoked_on=None).update(revoked_on=timezone.now())


def _record_key_change(device: Device, event: str, by: Account, details: dict[str, object]) -> None:
    if device.org is None:
        raise NotFound()
    record_change(
        org=device.org,
        kind="device",
        ref=device.slug,
        verb=Verb.CHANGED,
        event=event,
        by=by,
        audited=True,
        details=details,
    )
