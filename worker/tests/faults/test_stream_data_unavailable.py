"""The stream-data database is stopped: uploads are accepted and wait, pages show it, and processing
continues when it is back."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import close_old_connections, connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from chaos.harness.servers import PostgresServer, running_postgres
from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.tests.sent import acknowledged, rows, signed_list, stored_ids
from server.apps.ingest.tests.uploads import as_person, upload
from server.core.errors import Unavailable
from server.core.tests.committed import committed
from worker.testing import an_hour_later, memory_queue, run_pending_jobs

__all__ = ["committed"]  # a lost connection takes a test's transaction with it

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[PostgresServer]:
    """The stream-data database of this module, on a server of its own."""
    with running_postgres() as database, django_db_blocker.unblock():
        there = connections["streamdata"].settings_dict
        before = dict(there)
        connections["streamdata"].close()
        there.update(database.settings, NAME="test_away")
        with connections["streamdata"]._nodb_cursor() as cursor:
            cursor.execute("CREATE DATABASE test_away")
        call_command("migrate", database="streamdata", verbosity=0)
        yield database
        connections["streamdata"].close()
        there.update(before)


@pytest.fixture(autouse=True)
def stream_data(database: PostgresServer) -> Iterator[PostgresServer]:
    """Up, and up again in the end, whatever the test did."""
    yield database
    database.start()
    connections["streamdata"].close()


def test_uploads_are_accepted_and_wait(stream_data: PostgresServer, device: Device, bob: Account) -> None:
    stream_data.stop()

    answers = [upload(signed_list(device, rows(n)), as_person(bob)).status_code for n in (1, 2, 3)]

    assert answers == [201, 201, 201]
    assert memory_queue().depth().waiting == 3


def test_a_job_is_put_off_and_not_given_up(stream_data: PostgresServer, device: Device, bob: Account) -> None:
    upload(signed_list(device, rows(1)), as_person(bob))
    stream_data.stop()

    with pytest.raises(Unavailable):
        run_pending_jobs()

    report = StreamerReport.objects.get()
    assert report.status == StreamerReport.Status.RECEIVED
    assert (memory_queue().depth().waiting, memory_queue().depth().dead) == (1, 0)


def test_an_outage_is_no_attempt(stream_data: PostgresServer, device: Device, bob: Account) -> None:
    """It may last longer than any number of attempts."""
    upload(signed_list(device, rows(1)), as_person(bob))
    stream_data.stop()

    for _ in range(10):
        with an_hour_later():
            run_pending_jobs(raising=False)

    assert (memory_queue().depth().waiting, memory_queue().depth().dead) == (1, 0)


def test_what_waited_is_stored_when_the_database_is_back(
    stream_data: PostgresServer, device: Device, bob: Account
) -> None:
    upload(signed_list(device, rows(1, 2)), as_person(bob))
    run_pending_jobs()
    stream_data.stop()
    upload(signed_list(device, rows(3, 4)), as_person(bob))
    run_pending_jobs(raising=False)

    stream_data.start()
    close_old_connections()  # as the worker does after a failure
    with an_hour_later():
        run_pending_jobs()

    assert stored_ids(device) == [1, 2, 3, 4]
    assert acknowledged(device) == 4


def test_a_connection_that_was_cut_in_between_is_unavailable_and_not_an_error_of_ours(
    stream_data: PostgresServer, device: Device, bob: Account
) -> None:
    """The worker held an open connection; the server came back meanwhile."""
    upload(signed_list(device, rows(1)), as_person(bob))
    report = StreamerReport.objects.get()
    connections["streamdata"].ensure_connection()
    stream_data.stop()
    stream_data.start()

    with pytest.raises(Unavailable):
        process_report(report_id=str(report.pk))

    close_old_connections()
    process_report(report_id=str(report.pk))
    assert stored_ids(device) == [1]


@pytest.mark.parametrize("path", ["streamer/", "data/?filter={device}", "device/{device}/streamers/"])
def test_a_request_for_data_is_answered_with_retry_after(
    stream_data: PostgresServer, device: Device, bob: Account, path: str
) -> None:
    headers = as_person(bob)
    upload(signed_list(device, rows(1)), headers)
    run_pending_jobs()
    stream_data.stop()

    answer = Client().get(f"/api/v1/{path.format(device=device.slug)}", headers=headers)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_who_asks_for_devices_gets_them(stream_data: PostgresServer, device: Device, bob: Account) -> None:
    stream_data.stop()

    answer = Client().get("/api/v1/device/", headers=as_person(bob))

    assert answer.status_code == 200
    assert [found["slug"] for found in answer.json()["results"]] == [device.slug]
