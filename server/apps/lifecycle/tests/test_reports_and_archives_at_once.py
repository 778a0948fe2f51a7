"""Reports come in while their device is archived, moved or reset: every reading is in exactly one
place, and in a whole report."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.tests.factories import make_account
from server.apps.devices.models import Device
from server.apps.devices.tests.factories import make_project
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.tests.sent import (
    MARKS,
    Carrier,
    acknowledged,
    process,
    rows,
    signed_list,
    stored_ids,
)
from server.apps.lifecycle.jobs import ArchiveDevice, MoveDevice, ResetDevice
from server.apps.lifecycle.services.archiving import archive_device, run_archive
from server.apps.lifecycle.services.moving import run_move
from server.apps.lifecycle.services.resetting import ResetOptions, reset_device, run_reset
from server.apps.streams.models import DataBlock, StreamId
from server.apps.streams.services.editing import delete_stream
from server.apps.streams.services.posting import NewReading, store_posted_readings
from server.apps.streams.services.relabelling import live_streams
from server.apps.streams.tests.lifecycle import ids_in, silent, while_a_report_is_stored, while_reports_wait
from server.core.errors import Forbidden, Unavailable
from server.core.tests.committed import at_once, committed, in_a_thread
from server.lib.slugs import StreamSlug

__all__ = ["committed"]  # several connections at once

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def block_ids(device: Device) -> list[int]:
    streams = StreamId.objects.filter(device=device).exclude(block=None).exclude(var_lid__in=MARKS)
    return ids_in([stream.key for stream in streams])


def live_ids(device: Device) -> list[int]:
    device.refresh_from_db()
    return ids_in([stream.key for stream in live_streams(device) if stream.var_lid not in MARKS])


def archive_now(device: Device, by: Account) -> None:
    block = archive_device(device=device, title="Spring", by=by)
    job = ArchiveDevice(pid=str(block.pid), device=device.pk, block=block.slug, state="N1", label="")
    run_archive(job, silent)


def reset_now(device: Device, by: Account) -> None:
    operation = reset_device(device=device, options=ResetOptions(), by=by)
    job = ResetDevice(
        pid=str(operation.pk),
        device=device.pk,
        before=timezone.now().isoformat(),
        full=True,
        include_properties=True,
        include_notes_and_locations=True,
        state="N1",
    )
    run_reset(job, silent)


def processing_of(report: StreamerReport) -> Callable[[], Any]:
    """Returns a function that processes it; False when it has to wait."""

    def run() -> bool:
        try:
            return process_report(report_id=str(report.pk)) is not None
        except Unavailable:
            return False

    return run


def wait_until_somebody_waits() -> None:
    """For a lock of a device's writers."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connections["streamdata"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone() != (0,):
                return
    raise AssertionError("Nobody waits.")


def test_a_move_waits_for_the_report_that_is_being_stored(device: Device, acme: Org, alice: Account) -> None:
    into = make_project(name="Elsewhere", org=acme)
    job = MoveDevice(pid=str(uuid4()), device=device.pk, project=str(into.pk), with_data=True, state="N1")

    with while_a_report_is_stored(device):
        move = in_a_thread(lambda: run_move(job, silent))
        wait_until_somebody_waits()
        waits = not move.done()

    move.exception(30)  # nobody started it as an operation
    assert waits


def test_deleting_a_stream_waits_for_the_report_that_is_being_stored(device: Device) -> None:
    stream = StreamId.objects.filter(device=device)[0]
    staff = make_account(is_staff=True)

    with while_a_report_is_stored(device):
        deletion = in_a_thread(lambda: delete_stream(stream=stream, by=staff))
        wait_until_somebody_waits()
        waits = StreamId.objects.filter(pk=stream.pk).exists()

    deletion.result(30)
    assert waits


def test_an_archive_waits_for_the_report_that_is_being_stored(device: Device, alice: Account) -> None:
    """It has its streams and has not written yet: the archive must not relabel them under it."""
    with while_a_report_is_stored(device):
        archive = in_a_thread(lambda: archive_now(device, alice))
        wait_until_somebody_waits()
        waits = not archive.done() and not StreamId.objects.exclude(block=None).exists()

    archive.result(30)
    assert waits
    assert StreamId.objects.exclude(block=None).exists()


def test_a_report_that_was_read_before_the_archive_is_stored_after_it(
    carrier: Carrier, device: Device, alice: Account
) -> None:
    """What it read of its streams has changed since."""
    process(carrier.upload(signed_list(device, rows(1, 2))))
    late = carrier.upload(signed_list(device, rows(3, 4)))

    with while_reports_wait(device):
        stored = in_a_thread(lambda: process_report(report_id=str(late.pk)))
        wait_until_somebody_waits()
        archive_now(device, alice)

    assert stored.result(30) is not None
    assert (block_ids(device), live_ids(device)) == ([1, 2], [3, 4])
    assert acknowledged(device) == 4


def test_a_report_that_was_read_before_the_reset_is_not_stored_after_it(
    carrier: Carrier, device: Device, alice: Account
) -> None:
    late = carrier.upload(signed_list(device, rows(1, 2)))

    with while_reports_wait(device):
        stored = in_a_thread(lambda: process_report(report_id=str(late.pk)))
        wait_until_somebody_waits()
        reset_now(device, alice)

    assert isinstance(stored.exception(10), Unavailable)
    assert process(late) is None
    assert live_ids(device) == []


def test_what_is_posted_waits_for_the_archive_and_is_behind_it(device: Device, alice: Account) -> None:
    slug = StreamSlug.parse(StreamId.objects.get().slug)
    reading = NewReading(slug, timezone.now(), int_value=7, reading_id=9)

    with while_reports_wait(device):
        stored = in_a_thread(lambda: store_posted_readings([reading], by=alice))
        wait_until_somebody_waits()
        archive_now(device, alice)

    assert len(stored.result(30)) == 1
    assert (block_ids(device), live_ids(device)) == ([], [9])


def test_nobody_posts_to_a_busy_device(device: Device, alice: Account) -> None:
    slug = StreamSlug.parse(StreamId.objects.get().slug)
    archive_device(device=device, title="Spring", by=alice)

    with pytest.raises(Forbidden):
        store_posted_readings([NewReading(slug, timezone.now(), int_value=7)], by=alice)

    assert live_ids(device) == []


def test_many_reports_and_an_archive(carrier: Carrier, device: Device, alice: Account) -> None:
    process(carrier.upload(signed_list(device, rows(1))))
    reports = [carrier.upload(signed_list(device, rows(2 * n, 2 * n + 1), index=n)) for n in range(1, 6)]

    at_once(*map(processing_of, reports), lambda: archive_now(device, alice))
    for report in reports:
        process(report)

    archived, live = block_ids(device), live_ids(device)
    assert sorted(archived + live) == list(range(1, 12))
    for n in range(1, 6):
        assert {2 * n, 2 * n + 1} <= set(archived) or {2 * n, 2 * n + 1} <= set(live)
    assert sorted(stored_ids(device)) == list(range(1, 12))


def test_of_two_who_archive_at_once_one_is_refused(device: Device, alice: Account) -> None:
    results = at_once(*[lambda: archive_device(device=device, title="x", by=alice)] * 4)

    assert sorted(type(result).__name__ for result in results) == ["DataBlock"] + ["Forbidden"] * 3
    assert [block.block for block in DataBlock.objects.all()] == [1]


def test_weak_point_29_archives_one_after_the_other_have_numbers_without_a_gap(
    device: Device, alice: Account
) -> None:
    def until_it_is_free() -> int:
        while True:
            try:
                archive_now(device, alice)
            except Forbidden:
                continue
            else:
                return 1

    results = at_once(*[until_it_is_free] * 4)

    assert results == [1] * 4, results
    assert sorted(DataBlock.objects.values_list("block", flat=True)) == [1, 2, 3, 4]
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        assert cursor.fetchone() == (0,)
