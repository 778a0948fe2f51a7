"""Reports that wait for a lost job get another."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.ingest.jobs import RequeueWaitingReports
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.requeueing import (
    AT_LEAST_EVERY,
    GIVEN_UP_AFTER,
    LATE_AFTER,
    requeue_waiting_reports,
)
from server.apps.ingest.tests.uploads import as_person, signed_list, upload
from server.core.queue import current_queue, enqueue
from server.core.queue.backends.memory import MemoryQueue

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

NOW = timezone.now()
LONG_AGO = LATE_AFTER + timedelta(minutes=1)


@pytest.fixture
def report(device: Device, alice: Account) -> StreamerReport:
    """Accepted a while ago, and its message is lost."""
    return lost_report(device, alice, age=LONG_AGO)


def lost_report(device: Device, by: Account, *, age: timedelta, first_id: int = 1) -> StreamerReport:
    upload(signed_list(device, ids=range(first_id, first_id + 3)), as_person(by))
    memory_queue().clear()
    made = StreamerReport.objects.latest("created_on")
    StreamerReport.objects.filter(pk=made.pk).update(created_on=NOW - age)
    made.refresh_from_db()
    return made


def memory_queue() -> MemoryQueue:
    queue = current_queue()
    assert isinstance(queue, MemoryQueue)
    return queue


def requeue(at: datetime = NOW, limit: int = 100) -> int:
    return requeue_waiting_reports(posted_before=at, limit=limit)


def test_a_report_whose_job_was_lost_is_stored_after_all(
    report: StreamerReport, run_jobs: Callable[[], int]
) -> None:
    count = requeue()
    run_jobs()

    report.refresh_from_db()
    assert (count, report.status) == (1, "stored")


def test_the_job_keeps_the_key_of_its_streamer(report: StreamerReport) -> None:
    requeue()

    [delivery] = memory_queue().receive(most=10, wait_seconds=0, visible_after_seconds=60)
    assert delivery.message is not None
    assert (delivery.message.action, delivery.message.key) == ("process-report", report.streamer.slug)


def test_a_young_report_is_left_alone(device: Device, alice: Account) -> None:
    lost_report(device, alice, age=LATE_AFTER - timedelta(minutes=1))

    assert requeue() == 0


def test_a_report_that_was_stored_is_left_alone(report: StreamerReport, run_jobs: Callable[[], int]) -> None:
    requeue()
    run_jobs()

    assert requeue(NOW + timedelta(days=1)) == 0


def test_a_second_run_finds_nothing(report: StreamerReport) -> None:
    assert [requeue(), requeue()] == [1, 0]


def test_a_report_gets_another_job_when_it_has_waited_twice_as_long(report: StreamerReport) -> None:
    requeue()

    counts = [requeue(NOW + timedelta(minutes=15)), requeue(NOW + LATE_AFTER + LONG_AGO)]

    assert counts == [0, 1]


def test_a_report_gets_another_job_once_a_day(device: Device, alice: Account) -> None:
    lost_report(device, alice, age=timedelta(days=3))
    requeue()

    counts = [requeue(NOW + timedelta(hours=20)), requeue(NOW + AT_LEAST_EVERY + LONG_AGO)]

    assert counts == [0, 1]


def test_a_report_is_given_up_in_the_end(device: Device, alice: Account) -> None:
    lost_report(device, alice, age=GIVEN_UP_AFTER + LONG_AGO)

    assert requeue() == 0


def test_the_oldest_come_first_and_no_more_than_the_limit(device: Device, alice: Account) -> None:
    young = lost_report(device, alice, age=LONG_AGO)
    old = lost_report(device, alice, age=LONG_AGO * 2, first_id=10)

    requeue(limit=1)

    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.requeued_on, young.requeued_on) == (NOW, None)


def test_the_job_goes_once_more_through_the_queue_and_may_run_twice(
    report: StreamerReport, run_jobs: Callable[[], int]
) -> None:
    for _ in range(2):
        enqueue(RequeueWaitingReports())

    runs = run_jobs()

    report.refresh_from_db()
    assert (runs, report.status) == (2 + 2 + 1, "stored")
