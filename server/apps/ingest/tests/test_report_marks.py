"""The mark that a binary report leaves beside its readings: one, whatever is repeated, and never
counted as a reading."""

from datetime import timedelta

import pytest
from django.db import connections

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.selectors import with_ledger
from server.apps.ingest.tests.sent import (
    RECEIVED,
    SENT_S,
    SYSTEM,
    Carrier,
    acknowledged,
    dictionary,
    process,
    row,
    rows,
    signed_list,
)
from server.apps.streams.models import StreamId
from server.apps.streams.selectors.data import progress_of
from server.apps.streams.services.streams import MOST_STREAMS_PER_DEVICE
from server.apps.streams.tests.recounted import assert_all_agrees
from server.core.tests.committed import at_once, committed
from server.lib.timeseries import TimeStatus

__all__ = ["committed"]  # one job in several workers

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

COMPLETE, CUT = 0x5A05, 0x5A06


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def marks(device: Device, lid: int = COMPLETE) -> list[tuple[object, ...]]:
    stream = device.streams.filter(var_lid=lid).first()
    if stream is None:
        return []
    with connections["streamdata"].cursor() as cursor:
        cursor.execute(
            "SELECT seq, device_ts, ts, int_value, status FROM reading WHERE stream_key = %s ORDER BY seq, ts",
            [stream.key],
        )
        found: list[tuple[object, ...]] = cursor.fetchall()
    return found


def test_a_report_leaves_its_own_id_and_times_and_the_index_of_its_streamer(
    carrier: Carrier, device: Device
) -> None:
    carrier.deliver(signed_list(device, rows(1, 2), index=1, selector=SYSTEM, report_id=3))

    assert marks(device) == [(3, SENT_S, RECEIVED, 1, TimeStatus.CLN)]
    assert marks(device, CUT) == []
    assert device.streams.get(var_lid=COMPLETE).var_name == "Complete report"
    assert_all_agrees()


def test_a_cut_report_leaves_it_on_a_stream_of_its_own(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, rows(*range(1, 12_286)), report_id=20_000))

    assert marks(device, CUT) == [(20_000, SENT_S, RECEIVED, 0, TimeStatus.CLN)]
    assert marks(device) == []


def test_each_report_leaves_one(carrier: Carrier, device: Device) -> None:
    for first in (1, 11, 21):
        carrier.deliver(signed_list(device, rows(*range(first, first + 9)), report_id=first + 9))

    assert [mark[0] for mark in marks(device)] == [10, 20, 30]


def test_a_late_report_leaves_one_too(carrier: Carrier, device: Device) -> None:
    for first in (1, 21, 11):
        carrier.deliver(signed_list(device, rows(*range(first, first + 9)), report_id=first + 9))

    assert [mark[0] for mark in marks(device)] == [10, 20, 30]


def test_a_report_that_comes_again_leaves_no_second_one(carrier: Carrier, device: Device) -> None:
    """Neither the same job, nor the same bytes from another carrier at another time."""
    data = signed_list(device, rows(1, 2), report_id=3)
    report = carrier.upload(data)
    process(report)
    process(report)
    carrier.received += timedelta(hours=1)

    carrier.deliver(data)

    assert len(marks(device)) == 1


def test_one_job_in_several_hands_leaves_one(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, rows(1), report_id=2))
    report = carrier.upload(signed_list(device, rows(*range(3, 60)), report_id=60))

    at_once(*[lambda: process(report)] * 3)

    assert [mark[0] for mark in marks(device)] == [2, 60]


@pytest.mark.parametrize("readings", [[], [row(0)]])
def test_a_report_that_brings_nothing_leaves_none(
    carrier: Carrier, device: Device, readings: list[tuple[int, int, int, int]]
) -> None:
    carrier.deliver(signed_list(device, readings))

    assert marks(device) == []


def test_a_dictionary_leaves_none(carrier: Carrier, device: Device) -> None:
    carrier.deliver(dictionary(device), name="report.json")

    assert not device.streams.filter(var_lid__in=(COMPLETE, CUT)).exists()


def test_a_disabled_stream_takes_none(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, rows(1), report_id=2))
    StreamId.objects.filter(device=device, var_lid=COMPLETE).update(enabled=False)

    carrier.deliver(signed_list(device, rows(3), report_id=4))

    assert [mark[0] for mark in marks(device)] == [2]


def test_it_counts_neither_in_the_ledger_nor_in_the_acknowledgement(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, rows(1, 2, 3), report_id=1000))
    stored = process(report)

    [found] = with_ledger([StreamerReport.objects.get(pk=report.pk)])
    assert stored is not None
    assert stored.stored == 3
    assert found.ledger is not None
    assert (found.ledger.received, found.ledger.stored, found.ledger.last_id) == (3, 3, 3)
    assert acknowledged(device) == 3
    [progress] = progress_of([report.streamer_id]).values()
    assert str(progress.covered) == "{[1,4)}"


def test_a_reading_of_the_device_under_the_same_id_is_stored(carrier: Carrier, device: Device) -> None:
    """The id of a report is never a reading's, but no reading may be lost for that."""
    carrier.deliver(signed_list(device, rows(1), report_id=2))

    stored = carrier.deliver(signed_list(device, rows(2), report_id=3))

    assert stored is not None
    assert stored.stored == 1


def test_a_device_without_room_for_a_stream_leaves_none_and_loses_nothing(
    carrier: Carrier, device: Device
) -> None:
    """The readings' streams come first."""
    lids = range(0x6000, 0x6000 + MOST_STREAMS_PER_DEVICE)
    room = MOST_STREAMS_PER_DEVICE - device.streams.count()

    stored = carrier.deliver(
        signed_list(device, [row(n + 1, lid=lid) for n, lid in enumerate(lids[:room])], report_id=1000)
    )

    assert stored is not None
    assert stored.stored == room
    assert marks(device) == []
