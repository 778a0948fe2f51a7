"""Where devices were, and where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, DeviceLocation
from server.apps.devices.services.metadata import MetadataTarget
from server.lib.timeseries import MOST_AHEAD

_WRITE: Final = "can_access_companion"
"""Of everybody with the phone app: operators say where a device is."""


@dataclass(frozen=True, slots=True)
class NewLocation:
    target: MetadataTarget
    timestamp: datetime
    lat: Decimal
    lon: Decimal


@transaction.atomic
def add_locations(*, locations: Sequence[NewLocation], by: Account) -> list[DeviceLocation]:
    """Add locations. The newest one is the position of the device, in whatever order they come;
    one that is ahead of now by more than a day only if there is no other.

    Raises Forbidden without `can_access_companion`.
    """
    for target in {location.target.slug: location.target for location in locations}.values():
        target.require(by, _WRITE)
    made = DeviceLocation.objects.bulk_create(
        DeviceLocation(
            org=location.target.org,
            target=location.target.slug,
            timestamp=location.timestamp,
            lat=location.lat,
            lon=location.lon,
            user=by,
        )
        for location in locations
    )
    for slug in {location.target.slug for location in locations}:
        _move_to_newest(slug)
    return made


def _move_to_newest(slug: str) -> None:
    """Set the position of the device. A data block has none, and no device has its slug."""
    is_ahead = ExpressionWrapper(Q(timestamp__gt=timezone.now() + MOST_AHEAD), output_field=BooleanField())
    newest = DeviceLocation.objects.filter(target=slug).order_by(is_ahead, "-timestamp", "-id").first()
    if newest is not None:
        Device.objects.filter(slug=slug).update(lat=newest.lat, lon=newest.lon)
