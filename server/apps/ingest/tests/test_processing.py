"""Use case: a waiting report becomes readings. Idempotent; a report that can never be read gets a
reason."""

from collections.abc import Callable

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, DeviceKey
from server.apps.devices.services.keys import set_report_key
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.selectors import with_ledger
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.tests.sent import (
    MARKS,
    REBOOT,
    SENT_S,
    USER,
    Carrier,
    acknowledged,
    no_report,
    process,
    replace_object,
    row,
    rows,
    signed_list,
    stored_ids,
)
from server.core.storage import delete_object
from server.core.tests.committed import committed
from server.lib.formats import SignatureKind, encode_signed_list

__all__ = ["committed"]  # queries are counted without a test's savepoints

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

Status = StreamerReport.Status


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def fresh(report: StreamerReport) -> StreamerReport:
    return StreamerReport.objects.get(pk=report.pk)


# What comes of it


def test_a_report_becomes_readings(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, rows(1, 2, 3)))

    stored = process(report)

    assert stored_ids(device) == [1, 2, 3]
    assert stored is not None
    assert (stored.report_id, stored.stored) == (report.pk, 3)


def test_the_outcome_names_device_project_and_streams_for_open_pages(
    carrier: Carrier, device: Device
) -> None:
    stored = carrier.deliver(signed_list(device, [row(1), row(2, lid=0x5002)]))

    assert stored is not None
    assert device.project is not None
    assert (stored.device_slug, stored.project_slug) == (device.slug, device.project.slug)
    of_readings = device.streams.exclude(var_lid__in=MARKS)
    assert stored.stream_slugs == tuple(sorted(of_readings.values_list("slug", flat=True)))


def test_a_processed_report_lists_what_was_new(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, rows(1, 2, 3)))
    report = carrier.upload(signed_list(device, rows(2, 3, 4, 5)))

    process(report)

    assert (fresh(report).status, fresh(report).actual_first_id, fresh(report).actual_last_id) == (
        *(Status.STORED, 4),
        5,
    )


def test_a_report_that_brings_nothing_new_records_that(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, rows(1, 2)))
    report = carrier.upload(signed_list(device, rows(1, 2)))

    stored = process(report)

    assert stored is not None
    assert (stored.stored, stored.stream_slugs) == (0, ())
    assert (fresh(report).actual_first_id, fresh(report).actual_last_id) == (0, 0)


def test_the_ledger_is_that_of_the_report(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, rows(1, 2)))
    report = carrier.upload(signed_list(device, [*rows(2, 3), row(0)]))
    process(report)

    [found] = with_ledger([fresh(report)])

    assert found.ledger is not None
    assert (found.ledger.received, found.ledger.stored, found.ledger.duplicate) == (3, 1, 1)
    assert found.ledger.reasons == {"no-id": 1}


def test_a_report_that_waits_has_no_ledger(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, rows(1)))

    assert [found.ledger for found in with_ledger([report])] == [None]


def test_a_streamer_is_listed_from_its_first_stored_report_on(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, rows(1)))
    assert not Streamer.objects.get().has_stored

    process(report)

    assert Streamer.objects.get().has_stored


@pytest.mark.parametrize("readings", [[], [row(0)]])
def test_a_streamer_that_stored_nothing_is_not_listed(
    carrier: Carrier, device: Device, readings: list[tuple[int, int, int, int]]
) -> None:
    """Its acknowledgement would be 0, which clients cannot interpret."""
    carrier.deliver(signed_list(device, readings))

    assert not Streamer.objects.get().has_stored


def test_an_encrypted_report_is_opened(carrier: Carrier, device: Device) -> None:
    root = bytes(range(32))
    set_report_key(device=device, kind=DeviceKey.Kind.REPORT_DEVICE, root_key=root, by=None)

    carrier.deliver(
        encode_signed_list(
            device_id=device.pk,
            report_id=9,
            sent_s=SENT_S,
            streamer_index=0,
            selector=USER,
            readings=rows(1, 2),
            signature=SignatureKind.DEVICE_KEY,
            root_key=root,
        )
    )

    assert stored_ids(device) == [1, 2]


# What cannot be processed


def test_a_report_that_is_gone_is_nothing_to_do() -> None:
    assert process_report(report_id=no_report()) is None


def test_a_device_that_was_unclaimed_meanwhile_fails_its_report(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, rows(1)))
    Device.objects.filter(pk=device.pk).update(project=None)

    assert process(report) is None

    assert fresh(report).status == Status.FAILED
    assert "unclaimed" in fresh(report).failure
    assert stored_ids(device) == []


def test_bytes_that_were_damaged_on_the_store_fail_the_report(carrier: Carrier, device: Device) -> None:
    report = carrier.upload(signed_list(device, rows(1, 2)))
    replace_object(report.object_key, signed_list(device, rows(1, 2))[:-1] + b"?")

    assert process(report) is None

    assert fresh(report).status == Status.FAILED
    assert "hash" in fresh(report).failure
    assert stored_ids(device) == []


def test_a_damaged_report_does_not_stop_the_next(carrier: Carrier, device: Device) -> None:
    damaged = carrier.upload(signed_list(device, rows(1)))
    replace_object(damaged.object_key, b"noise")
    process(damaged)

    carrier.deliver(signed_list(device, rows(2)))

    assert stored_ids(device) == [2]
    assert acknowledged(device) == 2


def test_a_report_whose_bytes_are_missing_fails_and_stops_nobody(carrier: Carrier, device: Device) -> None:
    """It is not acknowledged, so the device sends the same readings once more."""
    report = carrier.upload(signed_list(device, rows(1)))
    delete_object(report.object_key)

    assert process(report) is None
    carrier.deliver(signed_list(device, rows(1, 2)))

    assert fresh(report).status == Status.FAILED
    assert "not on the object store" in fresh(report).failure
    assert stored_ids(device) == [1, 2]


def test_a_report_that_can_be_read_after_all_is_no_failure_any_more(carrier: Carrier, device: Device) -> None:
    """Somebody stored the right key, and ran the job again."""
    root = bytes(range(32))
    set_report_key(device=device, kind=DeviceKey.Kind.REPORT_USER, root_key=root, by=None)
    report = carrier.upload(
        encode_signed_list(
            device_id=device.pk,
            report_id=9,
            sent_s=SENT_S,
            streamer_index=0,
            selector=USER,
            readings=rows(1),
            signature=SignatureKind.USER_KEY,
            root_key=root,
        )
    )
    set_report_key(device=device, kind=DeviceKey.Kind.REPORT_USER, root_key=bytes(32), by=None)
    process(report)
    assert fresh(report).status == Status.FAILED
    set_report_key(device=device, kind=DeviceKey.Kind.REPORT_USER, root_key=root, by=None)

    process(report)

    assert (fresh(report).status, fresh(report).failure) == (Status.STORED, "")


# What it costs


def count_queries(call: Callable[[], object]) -> dict[str, int]:
    """By database."""
    with (
        CaptureQueriesContext(connections["default"]) as core,
        CaptureQueriesContext(connections["streamdata"]) as data,
    ):
        call()
    return {"core": len(core), "data": len(data)}


def test_a_report_of_known_streams_takes_few_queries(carrier: Carrier, device: Device) -> None:
    """Core: the report, whether it is still to be stored, its streams, its end. Data: begin,
    progress, COPY, one script, commit."""
    carrier.deliver(signed_list(device, rows(*range(1, 101))))
    report = carrier.upload(signed_list(device, rows(*range(101, 201))))

    queries = count_queries(lambda: process(report))

    assert queries == {"core": 4, "data": 5}


def test_a_report_with_a_reboot_mark_reads_the_others_rows(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, [*rows(*range(1, 100)), row(100, lid=REBOOT)]))
    report = carrier.upload(signed_list(device, [*rows(*range(101, 200)), row(200, lid=REBOOT)]))

    queries = count_queries(lambda: process(report))

    assert queries == {"core": 4, "data": 7}


def test_a_report_of_new_streams_takes_a_few_more_however_many_they_are(
    carrier: Carrier, device: Device
) -> None:
    carrier.deliver(signed_list(device, rows(1)))
    costs = []
    for first, streams in ((1000, 1), (2000, 50)):
        readings = [row(first + n, lid=first + n % streams) for n in range(100)]
        report = carrier.upload(signed_list(device, readings))
        costs.append(count_queries(lambda: process(report)))  # noqa: B023  called at once

    assert costs[0] == costs[1]
    assert sum(costs[0].values()) <= 18


def test_the_size_of_a_report_does_not_matter(carrier: Carrier, device: Device) -> None:
    carrier.deliver(signed_list(device, rows(1)))
    costs = []
    for first, last in ((10, 20), (1000, 6000)):
        report = carrier.upload(signed_list(device, rows(*range(first, last))))
        costs.append(count_queries(lambda: process(report)))  # noqa: B023  called at once

    assert costs[0] == costs[1]
