"""Two streamers of a device bring the same readings at the same moment: they are stored once,
however new a streamer is."""

import threading
import time
from concurrent.futures import Future
from typing import Any

import pytest
from django.db import connections, transaction

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import Streamer, StreamerReport
from server.apps.ingest.services.processing import StoredReport
from server.apps.ingest.tests.sent import Carrier, process, rows, signed_list, stored_ids
from server.core.tests.committed import committed, in_a_thread

__all__ = ["committed"]

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]
IDS = [1, 2, 3]


@pytest.fixture
def carrier(device: Device, bob: Account) -> Carrier:
    return Carrier(device, bob)


def processing(report: StreamerReport) -> "Future[StoredReport | None]":
    return in_a_thread(lambda: process(report))


def until_waiting(workers: int, *, unless: "Future[Any] | None" = None) -> None:
    """Until so many wait for a lock in the stream-data database, or that one has ended without."""
    deadline, pause = time.monotonic() + 30, threading.Event()
    while _waiting() < workers and not (unless and unless.done()):
        assert time.monotonic() < deadline, "Nobody waits."
        pause.wait(0.01)


def _waiting() -> int:
    with connections["streamdata"].cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


def upload_of(carrier: Carrier, device: Device, *, index: int) -> StreamerReport:
    return carrier.upload(signed_list(device, rows(*IDS), index=index))


def test_a_worker_that_read_its_report_before_the_other_streamer_existed(
    carrier: Carrier, device: Device
) -> None:
    first = upload_of(carrier, device, index=0)
    with transaction.atomic("streamdata"), connections["streamdata"].cursor() as cursor:
        # The first worker has read its report, and waits for its progress.
        cursor.execute("INSERT INTO streamer_progress (streamer_key) VALUES (%s)", [first.streamer_id])
        one = processing(first)
        until_waiting(1)
        other = processing(upload_of(carrier, device, index=1))
        until_waiting(2, unless=other)
        transaction.set_rollback(True, using="streamdata")

    one.result(30), other.result(30)

    assert stored_ids(device) == IDS


def test_a_worker_that_stores_while_the_first_report_of_a_new_streamer_is_processed(
    carrier: Carrier, device: Device
) -> None:
    first = upload_of(carrier, device, index=0)
    with transaction.atomic("streamdata"), connections["streamdata"].cursor() as cursor:
        # The first worker has found all it needs to know, and waits to write.
        cursor.execute("LOCK TABLE report_ledger IN SHARE MODE")
        one = processing(first)
        until_waiting(1)
        other = processing(upload_of(carrier, device, index=1))
        until_waiting(2, unless=other)

    one.result(30), other.result(30)

    assert stored_ids(device) == IDS


def test_two_new_streamers_that_know_each_other(carrier: Carrier, device: Device) -> None:
    reports = [upload_of(carrier, device, index=index) for index in (0, 1)]
    with transaction.atomic("streamdata"), connections["streamdata"].cursor() as cursor:
        cursor.execute("LOCK TABLE report_ledger IN SHARE MODE")
        both = [processing(report) for report in reports]
        until_waiting(2)

    for each in both:
        each.result(30)

    assert stored_ids(device) == IDS
    assert Streamer.objects.filter(device=device, has_stored=True).count() == 2
