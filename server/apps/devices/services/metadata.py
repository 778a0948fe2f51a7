"""Metadata of a device or data block follows it: into an archive, to another organisation, or it is
deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.db.models import Q

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import ConfigAttribute, DeviceLocation, Property


class MetadataTarget(Protocol):
    """What metadata is about. `streams` has a class for each kind of target; it went through the
    gate."""

    @property
    def slug(self) -> str: ...

    @property
    def org(self) -> Org: ...

    def require(self, by: Account, permission: str) -> None:
        """Raises Forbidden."""


def archive_metadata(*, device: str, block: str) -> None:
    """Move locations and people's properties to the block; the system's own stay with the device,
    and are copied."""
    DeviceLocation.objects.filter(target=device).update(target=block)
    Property.objects.filter(target=device, is_system=False).update(target=block)
    copies = []
    for known in Property.objects.filter(target=device):
        known.pk, known.target = None, block
        copies.append(known)
    Property.objects.bulk_create(copies, ignore_conflicts=True)


def transfer_metadata(*, target: str, org: Org) -> None:
    """Give it to another organisation. Configuration is deleted: it may hold secrets."""
    for model in (DeviceLocation, Property):
        model.objects.filter(target=target).update(org=org)
    ConfigAttribute.objects.filter(target=target).exclude(org=org).delete()


def remove_metadata(targets: Sequence[str]) -> None:
    """Delete locations, properties and configuration of these targets."""
    for model in (DeviceLocation, Property, ConfigAttribute):
        model.objects.filter(target__in=targets).delete()


def remove_properties(target: str) -> None:
    """Delete people's properties; the system's own stay."""
    Property.objects.filter(target=target, is_system=False).delete()


def remove_locations(target: str, *, before: datetime | None = None, after: datetime | None = None) -> None:
    """Delete all locations, or those outside of two times."""
    DeviceLocation.objects.filter(_outside(before, after), target=target).delete()


def count_locations(target: str, *, before: datetime | None = None, after: datetime | None = None) -> int:
    """Returns how many `remove_locations` would delete."""
    return DeviceLocation.objects.filter(_outside(before, after), target=target).count()


def count_properties(target: str, *, with_system: bool = False) -> int:
    """Returns how many `remove_properties` would delete; `with_system`: how many there are."""
    wanted = Q() if with_system else Q(is_system=False)
    return Property.objects.filter(wanted, target=target).count()


def _outside(before: datetime | None, after: datetime | None) -> Q:
    if before is None and after is None:
        return Q()
    early = Q(timestamp__lt=before) if before is not None else Q(pk__in=[])
    late = Q(timestamp__gt=after) if after is not None else Q(pk__in=[])
    return early | late
