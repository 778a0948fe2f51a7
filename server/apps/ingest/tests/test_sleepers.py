"""Boards that sleep between reports, each of which begins at an uptime of nothing, and devices that
count their reports by themselves: a report's id then says nothing of the readings."""

from datetime import datetime, timedelta
from typing import cast

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.tests.sent import RECEIVED, Carrier, process, signed_list
from server.apps.streams.models import StreamId
from server.apps.streams.tests.written import rows_in

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.mark.parametrize("every_s", [60, 300, 7200])
@pytest.mark.parametrize("uptime_s", [0, 5, 30])
def test_each_reading_stands_when_its_report_came(
    device: Device, bob: Account, every_s: int, uptime_s: int
) -> None:
    for number in range(1, 6):
        send(device, bob, number, number * every_s, uptime_s=uptime_s, report_id=2 * number + 1)

    assert late_by() == [number * every_s for number in range(1, 6)]


@pytest.mark.parametrize("first_report", [1, 1_000_000, 2**31], ids=["low", "high", "very high"])
def test_reports_with_a_counter_of_their_own_say_nothing_of_each_other(
    device: Device, bob: Account, first_report: int
) -> None:
    """The second streamer of each round brings a reading that is older than the first one's report,
    and is a second longer on its way."""
    for number in range(1, 6):
        at_s = number * 300
        send(device, bob, 10 * number + 1, at_s, uptime_s=at_s, report_id=first_report + 2 * number)
        send(
            *(device, bob, 10 * number, at_s + 1),
            uptime_s=at_s,
            report_id=first_report + 2 * number + 1,
            age_s=100,
            index=1,
        )

    assert late_by() == [at_s for number in range(1, 6) for at_s in (number * 300 - 99, number * 300)]


def send(
    device: Device,
    bob: Account,
    number: int,
    at_s: int,
    *,
    uptime_s: int,
    report_id: int,
    age_s: int = 0,
    index: int = 0,
) -> None:
    """One reading, received so many seconds after RECEIVED."""
    received = RECEIVED + timedelta(seconds=at_s)
    reading = (0x5001 + index, 2 * number, uptime_s - age_s, number)
    data = signed_list(device, [reading], sent_s=uptime_s, report_id=report_id, index=index)
    process(Carrier(device, bob, received=received).upload(data, now=received))


def late_by() -> list[int]:
    """Returns when the readings stand, in the order of their ids, after RECEIVED."""
    keys = list(StreamId.objects.filter(var_lid__in=(0x5001, 0x5002)).values_list("key", flat=True))
    rows = rows_in(f"reading WHERE stream_key IN ({', '.join(map(str, keys))})", "ts, seq", "seq")
    return [round((cast(datetime, ts) - RECEIVED).total_seconds()) for ts, _ in rows]
