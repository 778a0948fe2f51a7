"""Reports in any order, jobs that run twice or concurrently, and two streamers of one device: all
is stored once."""

from typing import Final

import pytest
from django.db import connections

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.tests.sent import (
    REBOOT,
    SYSTEM,
    Carrier,
    acknowledged,
    process,
    row,
    rows,
    signed_list,
    stored_ids,
)
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]  # two workers at once

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

HIGHEST: Final = 2**32 - 1
Status = StreamerReport.Status


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def fresh(report: StreamerReport) -> StreamerReport:
    return StreamerReport.objects.get(pk=report.pk)


def test_a_late_report_fills_its_gap(carrier: Carrier, device: Device) -> None:
    first, second, third = (
        carrier.upload(signed_list(device, rows(*ids)))
        for ids in (range(1, 11), range(11, 21), range(21, 31))
    )

    acks = []
    for report in (first, third, second):
        process(report)
        acks.append(acknowledged(device))

    assert stored_ids(device) == list(range(1, 31))
    assert acks == [10, 30, 30]


def test_a_huge_id_silences_nobody(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, [row(1), row(HIGHEST), row(2)]))

    carrier.deliver(signed_list(device, rows(3, 4)))

    assert stored_ids(device) == [1, 2, 3, 4, HIGHEST]
    assert acknowledged(device) == HIGHEST


def test_the_same_job_again_changes_nothing(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, rows(1, 2, 3)))
    process(report)
    before = everything(report)

    again = process(report)

    assert again is not None
    assert again.stored == 0
    assert everything(report) == before


def everything(report: StreamerReport) -> list[object]:
    """All that a job writes, without the time at which it did."""
    tables = {
        "reading": "*",
        "event": "*",
        "rollup_hour": "*",
        "latest": "*",
        "report_ledger": "*",
        "streamer_progress": "streamer_key, last_id, covered::text, last_received, last_sent_s, last_reboot",
    }
    found: list[object] = [StreamerReport.objects.filter(pk=report.pk).values().get()]
    with connections["streamdata"].cursor() as cursor:
        for table, columns in tables.items():
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2")
            found.append(cursor.fetchall())
    return found


def test_a_crash_between_the_two_databases_is_mended_by_the_next_run(
    carrier: Carrier, device: Device
) -> None:
    """The readings were committed; that the report was processed was not."""
    report = carrier.upload(signed_list(device, rows(4, 5, 6)))
    process(report)
    whole = everything(report)
    StreamerReport.objects.update(status=Status.RECEIVED, actual_first_id=None, actual_last_id=None)
    Streamer.objects.update(has_stored=False)

    process(report)

    assert everything(report) == whole
    assert (fresh(report).actual_first_id, fresh(report).actual_last_id) == (4, 6)
    assert Streamer.objects.get().has_stored


def test_after_such_a_crash_a_newer_report_may_have_come_first(carrier: Carrier, device: Device) -> None:
    crashed = carrier.upload(signed_list(device, rows(1, 2)))
    process(crashed)
    StreamerReport.objects.update(status=Status.RECEIVED, actual_first_id=None, actual_last_id=None)
    carrier.deliver(signed_list(device, rows(1, 2, 3)))

    process(crashed)

    assert (fresh(crashed).actual_first_id, fresh(crashed).actual_last_id) == (1, 2)
    assert stored_ids(device) == [1, 2, 3]


def test_one_job_in_several_hands_stores_once(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, rows(1)))
    report = carrier.upload(signed_list(device, rows(*range(1, 52))))

    results = at_once(*[lambda: process(report)] * 3)

    assert sorted(result.stored for result in results) == [0, 0, 50]
    assert stored_ids(device) == list(range(1, 52))
    assert (fresh(report).actual_first_id, fresh(report).actual_last_id) == (2, 51)


def test_a_reboot_mark_of_both_streamers_is_stored_once(carrier: Carrier, device: Device) -> None:
    of_user = signed_list(device, [row(1), row(2, at=1, lid=REBOOT), row(4)])
    of_system = signed_list(device, [row(2, at=1, lid=REBOOT), row(3, lid=0x5C01)], index=1, selector=SYSTEM)

    for data in (of_user, of_system):
        carrier.deliver(data)

    assert stored_ids(device) == [1, 2, 3, 4]
    assert (acknowledged(device, 0), acknowledged(device, 1)) == (4, 3)


def test_a_reading_that_two_streamers_date_decades_apart_is_stored_once(
    carrier: Carrier, device: Device
) -> None:
    """A damaged raw time says 2068 in one of the reports."""
    of_clock = signed_list(device, [row(5, at=2**32 - 2)])
    of_uptime = signed_list(device, [row(5, at=50), row(6, at=60)], index=1)

    for data in (of_clock, of_uptime):
        carrier.deliver(data)

    assert stored_ids(device) == [5, 6]


def test_both_streamers_at_once_store_a_reboot_mark_once(carrier: Carrier, device: Device) -> None:
    """Also when the second one was created after the first one's job had started."""
    for start in range(1, 60, 10):
        reboots = [row(start + n, at=n, lid=REBOOT) for n in range(10)]
        first = carrier.upload(signed_list(device, reboots))
        second = carrier.upload(signed_list(device, reboots, index=1, selector=SYSTEM))

        results = at_once(lambda: process(first), lambda: process(second))  # noqa: B023  both end here

        assert sum(result.stored for result in results) == 10, results
    assert stored_ids(device) == list(range(1, 61))


def test_a_streamer_that_is_not_known_yet_to_the_other_doubles_no_reboot(
    carrier: Carrier, device: Device
) -> None:
    """Old firmware whose user streamer has a selector without reboot marks, and sends them all the
    same."""
    carrier.deliver(signed_list(device, [row(5, at=1, lid=REBOOT)], selector=0x57FF))

    carrier.deliver(signed_list(device, [row(5, at=1, lid=REBOOT)], index=1, selector=SYSTEM))

    assert stored_ids(device) == [5]
