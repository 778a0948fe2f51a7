"""The nightly check of hourly sums and latest values."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.tests.sent import Carrier, process, rows, signed_list, waiting_jobs
from server.apps.lifecycle.jobs import CheckRollups, ForgetOldRepairs
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.services.repairs.checking_rollups import check_rollups
from server.apps.lifecycle.services.repairs.forgetting import KEPT_DAYS
from server.apps.lifecycle.tests.repairing import Repairer, damage
from server.apps.streams.tests.recounted import assert_all_agrees, everything_stored
from server.apps.streams.tests.written import rows_in
from server.core.queue import enqueue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def stored(device: Device, bob: Account) -> Device:
    """As of now."""
    now = timezone.now()
    process(Carrier(device, bob, received=now).upload(signed_list(device, rows(*range(1, 100))), now=now))
    waiting_jobs()
    return device


@pytest.mark.usefixtures("stored")
def test_what_agrees_is_left_alone() -> None:
    before = everything_stored()

    checked = check_rollups(now=timezone.now())

    assert (checked.devices, checked.hours, checked.latest) == (1, 0, 0)
    assert everything_stored() == before


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE rollup_hour SET count = count + 7",
        "DELETE FROM rollup_hour",
        "UPDATE latest SET seq = 3",
        "DELETE FROM latest",
    ],
)
@pytest.mark.usefixtures("stored")
def test_what_does_not_agree_is_mended(sql: str, run_jobs: Callable[[], int]) -> None:
    before = everything_stored()
    damage(sql)

    for _ in range(2):
        enqueue(CheckRollups())
        run_jobs()

    assert everything_stored() == before
    assert_all_agrees()


def test_a_device_that_was_silent_is_not_looked_at(stored: Device) -> None:
    assert check_rollups(now=timezone.now() + timedelta(days=2)).devices == 0


def test_old_repairs_are_forgotten_with_their_rows(
    stored: Device, alice: Account, run_jobs: Callable[[], int]
) -> None:
    repairer = Repairer(stored, alice, run_jobs)
    old, new = (
        repairer.repair(
            Repair.Kind.ADJUST_FORWARD,
            base_ts=(timezone.now() - timedelta(days=days)).isoformat(),
            first_id=1,
            last_id=5,
        )
        for days in (1, 2)
    )
    long_ago = timezone.now() - timedelta(days=KEPT_DAYS + 1)
    Repair.objects.filter(pk=old.pk).update(created_on=long_ago)

    for _ in range(2):
        enqueue(ForgetOldRepairs())
        run_jobs()

    assert list(Repair.objects.all()) == [new]
    assert rows_in("repaired_row", "DISTINCT repair::text") == [(str(new.pk),)]
