"""Boards that sleep between reports: each begins at an uptime of nothing, and some count no uptime
at all."""

from datetime import datetime, timedelta
from typing import cast

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.tests.sent import RECEIVED, Carrier, process, signed_list
from server.apps.streams.tests.written import rows_in

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.mark.parametrize("every_s", [60, 300, 7200])
@pytest.mark.parametrize("uptime_s", [0, 5, 30])
def test_each_reading_stands_when_its_report_came(
    device: Device, bob: Account, every_s: int, uptime_s: int
) -> None:
    for number in range(1, 6):
        received = RECEIVED + timedelta(seconds=number * every_s)
        data = signed_list(
            device, [(0x5001, 2 * number, uptime_s, number)], sent_s=uptime_s, report_id=2 * number + 1
        )
        process(Carrier(device, bob, received=received).upload(data, now=received))

    times = [cast(datetime, ts) for ts, _ in rows_in("reading WHERE seq % 2 = 0", "ts, seq", "seq")]

    expected = [RECEIVED + timedelta(seconds=number * every_s) for number in range(1, 6)]
    assert [abs(a - b) < timedelta(seconds=2) for a, b in zip(times, expected, strict=True)] == [True] * 5, (
        times
    )
