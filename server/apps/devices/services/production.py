"""Production of devices: storing the keys that go into them, and creating virtual devices."""

from collections.abc import Sequence
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from server.apps.accounts.models import Account, Org, OrgApiKey
from server.apps.accounts.selectors.accounts import account_for, may
from server.apps.activity.services.changes import Verb, record_change
from server.apps.devices.models import Device, DeviceKey, DeviceTemplate, SensorGraph
from server.apps.devices.selectors.production import KEY_TYPES, downloadable_keys_of
from server.apps.devices.services.devices import create_device
from server.apps.devices.services.numbers import next_device_numbers
from server.core import credentials
from server.core.errors import Forbidden, Invalid, NotFound

_MIN_SIGNING_KEY_BYTES: Final = (
    32  # bytes; a shorter key than the digest of its signatures can be found by trying
)
_VIRTUAL_TEMPLATE: Final = "virtual-device-v1-0-0"


@transaction.atomic
def set_device_key(*, device: Device, type: str, secret: str, downloadable: bool, by: Account) -> DeviceKey:
    """Store a key, sealed with the server's key; the former one stops working. `type`: of
    `KEY_TYPES`. Raises Forbidden, Invalid."""
    if not by.is_staff:
        raise Forbidden()
    kind = KEY_TYPES[type]
    if kind == DeviceKey.Kind.A_JWT and len(secret.encode()) < _MIN_SIGNING_KEY_BYTES:
        raise Invalid(f"A key that signs has at least {_MIN_SIGNING_KEY_BYTES} bytes.", field="secret")
    Device.objects.select_for_update(no_key=True).get(
        pk=device.pk
    )  # of two concurrent calls the later key is valid
    DeviceKey.objects.filter(device=device, kind=kind, revoked_on=None).update(revoked_on=timezone.now())
    key = DeviceKey.objects.create(
        device=device,
        kind=kind,
        sealed=credentials.seal(secret.encode()),
        downloadable=downloadable,
        created_by=by,
    )
    if device.org is not None:
        record_change(
            org=device.org,
            kind="device",
            ref=device.slug,
            verb=Verb.CHANGED,
            event="set-device-key",
            by=by,
            audited=True,
            details={"type": type, "downloadable": downloadable},
        )
    return key


@transaction.atomic
def read_production_keys(
    *, devices: Sequence[Device], with_key: OrgApiKey
) -> dict[int, list[tuple[str, str]]]:
    """Returns type and secret of the keys by device, and records that in the audit trail. Raises
    Forbidden without the scope."""
    if OrgApiKey.Scope.PRODUCTION_KEYS not in with_key.scopes:
        raise Forbidden()
    keys = downloadable_keys_of(devices)
    if keys:
        record_change(
            org=with_key.org,
            kind="api-key",
            ref=with_key.prefix,
            verb=Verb.CHANGED,
            event="read-production-keys",
            by=None,
            audited=True,
            details={"devices": len(keys)},
        )
    return keys


@transaction.atomic
def create_virtual_devices(
    *, org: Org, sg: SensorGraph, count: int, responsible: str, with_key: OrgApiKey
) -> list[Device]:
    """Create virtual devices, set aside for the organisation of the key. `responsible`: the slug of
    an account that is staff or may claim devices there. Raises Forbidden, Invalid.
    """
    if OrgApiKey.Scope.VIRTUAL_DEVICES not in with_key.scopes or org != with_key.org:
        raise Forbidden()
    by = _responsible(responsible, org)
    template = DeviceTemplate.objects.filter(slug=_VIRTUAL_TEMPLATE, org=None).first()
    devices = [
        create_device(number=number, by=by, template=template, sg=sg, org=org)
        for number in next_device_numbers(count)
    ]
    for device in devices:
        record_change(
            org=org,
            kind="device",
            ref=device.slug,
            verb=Verb.CREATED,
            event="create-virtual-device",
            by=by,
            audited=True,
            details={"api_key": with_key.prefix},
        )
    return devices


def _responsible(slug: str, org: Org) -> Account:
    try:
        account = account_for(AnonymousUser(), slug, staff=True)
    except NotFound:
        account = None
    # Staff as anybody else only as members: a key of an organisation must neither name them nor
    # find out who they are.
    if account is None or not account.is_active or not may(account, "can_claim_devices", org):
        raise Invalid(f"{slug} may not claim devices in this organisation.", field="user")
    return account
