"""From the bytes of a report to the times of its readings: boots, the report before, clocks that
were set, trips."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import Streamer
from server.apps.ingest.tests.older_devices import times_of
from server.apps.ingest.tests.sent import IO_1, REBOOT, Carrier, signed_list
from server.apps.streams.selectors.data import progress_of
from server.lib.formats import Row
from server.lib.timeseries import TimeStatus

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

DAY: Final = datetime(2021, 3, 1, tzinfo=UTC)
RTC_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def clock(text: str) -> datetime:
    hours, minutes, seconds = map(int, text.split(":"))
    return DAY + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def report(shorthand: str, *, first_id: int) -> list[Row]:
    """`"10 20 reboot@2 10"`"""
    readings = []
    for id, word in enumerate(shorthand.split(), first_id):
        lid = REBOOT if word.startswith("reboot@") else IO_1
        readings.append((lid, id, int(word.removeprefix("reboot@"), 0), 0))
    return readings


def deliver_rows(
    carrier: Carrier, readings: Sequence[Row], *, received: str, sent_s: int, own_id: int
) -> None:
    carrier.received = clock(received)
    carrier.deliver(signed_list(carrier.device, readings, sent_s=sent_s, report_id=own_id))


def seen(device: Device, *, above: int) -> str:
    found = [
        (reading_id, ts, TimeStatus(status).code) for reading_id, (ts, status) in times_of(device).items()
    ]
    return " ".join(f"{ts:%H:%M:%S}/{code}" for reading_id, ts, code in sorted(found) if reading_id > above)


CASES = [
    pytest.param("10:00:00", 240, "10 20 30", None, "09:56:10/cln 09:56:20/cln 09:56:30/cln", id="no reboot"),
    pytest.param("10:00:00", 120, "10", None, "09:58:10/cln", id="sent earlier"),
    pytest.param(
        *("10:00:00", 240, "10 20 30 40 50 reboot@2 10 20", ("09:56:00", 60)),
        "09:55:10/cln 09:55:20/cln 09:55:30/cln 09:55:40/cln 09:55:50/cln 09:56:02/cln 09:56:10/cln 09:56:20/cln",
        id="one reboot",
    ),
    pytest.param(
        *("10:00:00", 240, "10 20 30 40 50 reboot@2 10 20 reboot@2 10 20 30", ("09:54:00", 60)),
        "09:53:10/cln 09:53:20/cln 09:53:30/cln 09:53:40/cln 09:53:50/cln 09:55:41/drt 09:55:49/drt 09:55:59/drt"
        " 09:56:02/cln 09:56:10/cln 09:56:20/cln 09:56:30/cln",
        id="two reboots",
    ),
    pytest.param(
        *("10:00:00", 240, "10 20 30 40 50 reboot@2 10 20 reboot@2 10 20 30", None),
        "09:54:58/drt 09:55:08/drt 09:55:18/drt 09:55:28/drt 09:55:38/drt 09:55:41/drt 09:55:49/drt 09:55:59/drt"
        " 09:56:02/cln 09:56:10/cln 09:56:20/cln 09:56:30/cln",
        id="two reboots and no report before",
    ),
    pytest.param(
        *("10:20:00", 600, "50 reboot@0 10", ("10:10:00", 300)),
        "10:05:50/cln 10:10:00/cln 10:10:10/cln",
        id="the boot is noted",
    ),
]


@pytest.mark.parametrize(("received", "sent_s", "shorthand", "previous", "expected"), CASES)
def test_the_table_of_reboots(
    carrier: Carrier,
    device: Device,
    received: str,
    sent_s: int,
    shorthand: str,
    previous: tuple[str, int] | None,
    expected: str,
) -> None:
    if previous is not None:
        deliver_rows(carrier, [(IO_1, 1, 1, 0)], received=previous[0], sent_s=previous[1], own_id=2)

    deliver_rows(carrier, report(shorthand, first_id=3), received=received, sent_s=sent_s, own_id=50)

    assert seen(device, above=2) == expected
    [progress] = progress_of([Streamer.objects.get().pk]).values()
    assert progress.last_reboot == clock(received) - timedelta(seconds=sent_s)


def test_a_clock_that_was_set_gives_the_time_itself(carrier: Carrier, device: Device) -> None:
    since_2000 = int((clock("08:00:00") - RTC_EPOCH).total_seconds())

    deliver_rows(
        carrier,
        report(f"10 {0x8000_0000 + since_2000:#x} reboot@2 {0xFFFF_FFFF:#x} 10", first_id=1),
        received="10:00:00",
        sent_s=240,
        own_id=9,
    )

    assert seen(device, above=0) == "08:00:00/drt 08:00:00/utc 09:56:02/cln 03:14:07/utc 09:56:10/cln"
    assert times_of(device)[4][0] == RTC_EPOCH + timedelta(seconds=0x7FFF_FFFF)


def test_a_reading_may_be_later_than_its_report(carrier: Carrier, device: Device) -> None:
    deliver_rows(carrier, report("10 300", first_id=1), received="10:00:00", sent_s=240, own_id=3)

    assert seen(device, above=0) == "09:56:10/cln 10:01:00/cln"


def test_the_report_before_is_that_of_the_same_streamer(carrier: Carrier, device: Device) -> None:
    carrier.received = clock("09:54:00")
    carrier.deliver(
        signed_list(device, [(0x5C01, 1, 1, 0)], sent_s=60, index=1, selector=0x5FFF, report_id=2)
    )

    deliver_rows(carrier, report("10 reboot@2", first_id=3), received="10:00:00", sent_s=240, own_id=9)

    assert seen(device, above=2) == "09:55:59/drt 09:56:02/cln"


@pytest.mark.parametrize("lid", [0x0E00, 0x0E01])
def test_a_trip_mark_stands_at_its_word_and_dates_its_boot(
    carrier: Carrier, device: Device, lid: int
) -> None:
    word = int(clock("07:30:00").timestamp())

    deliver_rows(carrier, [(lid, 1, 10, word), (IO_1, 2, 20, 0)], received="10:00:00", sent_s=240, own_id=3)

    assert seen(device, above=0) == "07:30:00/utc 07:30:10/cln"


@pytest.mark.parametrize("word", [0, 12, 0xFFFF_FFFF])
def test_a_trip_mark_without_a_clock_stands_at_its_uptime(
    carrier: Carrier, device: Device, word: int
) -> None:
    deliver_rows(carrier, [(0x0E00, 1, 10, word)], received="10:00:00", sent_s=240, own_id=3)

    assert seen(device, above=0) == "09:56:10/cln"
