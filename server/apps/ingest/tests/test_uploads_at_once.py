"""Several uploads of one device at the same moment, by a phone and a gateway."""

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.tests.sent import SYSTEM, Carrier, rows, signed_list
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def test_the_first_reports_of_a_streamer_make_it_once(carrier: Carrier, device: Device) -> None:
    data = signed_list(device, rows(1))

    results = at_once(*[lambda: carrier.upload(data)] * 4)

    assert [type(result) for result in results] == [StreamerReport] * 4, results
    assert StreamerReport.objects.filter(streamer=Streamer.objects.get()).count() == 4


def test_the_first_reports_of_both_streamers_make_both(carrier: Carrier, device: Device) -> None:
    user, system = signed_list(device, rows(1)), signed_list(device, rows(2), index=1, selector=SYSTEM)

    results = at_once(lambda: carrier.upload(user), lambda: carrier.upload(system))

    assert [type(result) for result in results] == [StreamerReport] * 2, results
    assert sorted(Streamer.objects.values_list("index", flat=True)) == [0, 1]
