"""What people say of a device or data block goes where it goes: into an archive, to another organisation, or away."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from server.apps.accounts.models import Org
from server.apps.devices.models import ConfigAttribute, DeviceLocation, Property


def archive_belongings(*, device: str, block: str) -> None:
    """Locations and people's properties move to the block; the system's own stay with the device, and are copied."""
    DeviceLocation.objects.filter(target=device).update(target=block)
    Property.objects.filter(target=device, is_system=False).update(target=block)
    copies = []
    for known in Property.objects.filter(target=device):
        known.pk, known.target = None, block
        copies.append(known)
    Property.objects.bulk_create(copies, ignore_conflicts=True)


def hand_over_belongings(*, target: str, org: Org) -> None:
    """They belong to another organisation from now on. Configuration does not go along: it may hold secrets."""
    for model in (DeviceLocation, Property):
        model.objects.filter(target=target).update(org=org)
    ConfigAttribute.objects.filter(target=target).exclude(org=org).delete()


def remove_belongings(targets: Sequence[str]) -> None:
    """All of it."""
    for model in (DeviceLocation, Property, ConfigAttribute):
        model.objects.filter(target__in=targets).delete()


def remove_properties(target: str) -> None:
    """What people said; the system's own stay."""
    Property.objects.filter(target=target, is_system=False).delete()


def remove_locations(target: str, *, before: datetime | None = None, after: datetime | None = None) -> None:
    """All of them, or those outside of two times."""
    DeviceLocation.objects.filter(_outside(before, after), target=target).delete()


def count_locations(target: str, *, before: datetime | None = None, after: datetime | None = None) -> int:
    """How many `remove_locations` would delete."""
    return DeviceLocation.objects.filter(_outside(before, after), target=target).count()


def count_properties(target: str, *, with_system: bool = False) -> int:
    """How many `remove_properties` would delete; `with_system`: how many there are."""
    wanted = Q() if with_system else Q(is_system=False)
    return Property.objects.filter(wanted, target=target).count()


def _outside(before: datetime | None, after: datetime | None) -> Q:
    if before is None and after is None:
        return Q()
    early = Q(timestamp__lt=before) if before is not None else Q(pk__in=[])
    late = Q(timestamp__gt=after) if after is not None else Q(pk__in=[])
    return early | late
