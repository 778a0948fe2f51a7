"""What a production line may read: its organisation's devices, and the keys that go into them."""

from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet

from server.apps.accounts.models import Org
from server.apps.devices.models import Device, DeviceKey, SensorGraph
from server.apps.devices.selectors.devices import device_number
from server.core import credentials
from server.core.errors import NotFound

KEY_TYPES: Final = {
    "USR": DeviceKey.Kind.USER,
    "SSH": DeviceKey.Kind.SSH,
    "X-API-KEY": DeviceKey.Kind.X_API,
    "A-JWT-KEY": DeviceKey.Kind.A_JWT,
    "MQTT": DeviceKey.Kind.MQTT,
}
"""Keys that staff store and devices get, by their names in the API."""

VIRTUAL_GRAPHS: Final = (
    "edge-v1-0-0",
    "broker-worker-v1-0-0",
    "connector-smt-generic-machine-v1-0-0",
    "connector-smt-generic-insp-v1-0-0",
    "connector-smt-generic-pnp-v1-0-0",
    "forwarder-generic-v1-0-0",
)
"""Built-in sensor graphs of virtual devices."""

_NAMES: Final = {kind: name for name, kind in KEY_TYPES.items()}


def devices_in_production_of(org: Org) -> QuerySet[Device]:
    """Set aside for the organisation, or in one of its projects."""
    return Device.objects.filter(org=org).select_related("template", "sg").order_by("id")


def device_in_production_for(org: Org, slug: str) -> Device:
    device = devices_in_production_of(org).filter(pk=device_number(slug)).first()
    if device is None:
        raise NotFound()
    return device


def known_device(slug: str) -> Device | None:
    """Any, claimed or not: for staff."""
    try:
        number = device_number(slug)
    except NotFound:
        return None
    return Device.objects.select_related("org").filter(pk=number).first()


def downloadable_keys_of(devices: Sequence[Device]) -> dict[int, list[tuple[str, str]]]:
    """Returns type and secret of the downloadable keys, by device. One query."""
    keys: dict[int, list[tuple[str, str]]] = {}
    rows = DeviceKey.objects.filter(
        device__in=devices, kind__in=_NAMES, downloadable=True, revoked_on=None
    ).order_by("device_id", "kind")
    for row in rows:
        secret = credentials.unseal(bytes(row.sealed)).decode(errors="replace")
        keys.setdefault(row.device_id, []).append((_NAMES[DeviceKey.Kind(row.kind)], secret))
    return keys


def virtual_graph(slug: str) -> SensorGraph | None:
    """None for a slug that is none of them."""
    if slug not in VIRTUAL_GRAPHS:
        return None
    return SensorGraph.objects.filter(slug=slug, org=None).first()
