"""Two people change the mask of a device at the same time."""

from datetime import UTC, datetime

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.streams.models import DataMask
from server.apps.streams.services.masking import change_mask
from server.core.tests.committed import committed, overlapping

__all__ = ["committed"]  # several connections

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

FIRST, MORNING, NOON, EVENING = (datetime(2021, 6, 1, hour, tzinfo=UTC) for hour in (1, 6, 12, 18))


def test_each_keeps_the_bound_that_the_other_set(device: Device, alice: Account) -> None:
    change_mask(thing=device, changes={"start": FIRST, "end": EVENING}, by=alice)

    overlapping(
        lambda: change_mask(thing=device, changes={"start": MORNING}, by=alice),
        lambda: change_mask(thing=device, changes={"end": NOON}, by=alice),
    )

    mask = DataMask.objects.get()
    assert (mask.start, mask.end) == (MORNING, NOON)
