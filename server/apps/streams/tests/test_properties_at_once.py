"""Two people change a property of a device at the same time."""

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Property
from server.apps.devices.services.properties import add_property, delete_property, set_property
from server.apps.streams.selectors.targets import Target, TargetKind
from server.core.tests.committed import committed, overlapping

__all__ = ["committed"]  # several connections

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


def test_a_property_that_is_set_while_somebody_deletes_it_is_there(device: Device, alice: Account) -> None:
    target = Target(device.slug, TargetKind.DEVICE, device, device.org)
    known = add_property(target=target, name="size", value=1, by=alice)

    _, second = overlapping(
        lambda: delete_property(known=known, target=target, by=alice),
        lambda: set_property(target=target, name="size", value=2, by=alice),
    )

    assert isinstance(second, Property), second
    assert Property.objects.get().value == 2
