"""The worker's check of itself, its statistics, and a ping. Each Action is run twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from server.apps.accounts.models import Account
from server.apps.accounts.tests.factories import make_account
from server.core.queue import enqueue, jobs
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.models import ActionDay, DeadJob, JobLog, WorkerCheck, WorkerProcess
from server.core.queue.watching.checking import Finding, check_worker
from server.core.queue.watching.statistics import collect_days
from worker.actions.queue.clean_worker_processes import CleanWorkerProcesses
from worker.testing import memory_queue, run_pending_jobs

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def move_to_dead_letters(queue: MemoryQueue, count: int = 1) -> None:
    for _ in range(count):
        queue.send_body("poison")
        run_pending_jobs(raising=False)


@pytest.fixture
def operator(db: None) -> Account:
    account = make_account(username="root")
    account.is_staff = True
    account.save()
    return account


def check(at: datetime, *, longest_wait_minutes: int = 10) -> list[tuple[str, bool]]:
    found: list[Finding] = check_worker(now=at, longest_wait_minutes=longest_wait_minutes)
    return [(finding.name, finding.is_new) for finding in found]


def test_a_healthy_worker_sends_no_mail(operator: Account) -> None:
    for _ in range(2):
        enqueue(jobs.CheckWorkerHealth())
        run_pending_jobs()

    assert mail.outbox == []


def test_staff_hear_of_an_incident_once(operator: Account) -> None:
    move_to_dead_letters(memory_queue())

    with capture_logs() as lines:
        for _ in range(3):
            enqueue(jobs.CheckWorkerHealth())
            run_pending_jobs()

    [notification] = mail.outbox
    assert (notification.to, notification.subject) == (
        [operator.email],
        "Fieldline: The worker has a problem",
    )
    assert "Dead letters: 1." in str(notification.body)
    assert [line["event"] for line in lines].count("worker is not well") == 3


def test_more_dead_letters_are_mailed_an_hour_later() -> None:
    queue = memory_queue()
    move_to_dead_letters(queue)

    first = check(NOON)
    move_to_dead_letters(queue)
    soon, later = check(NOON + timedelta(minutes=5)), check(NOON + timedelta(minutes=65))

    assert (first, soon, later) == (
        [("dead-letters", True)],
        [("dead-letters", False)],
        [("dead-letters", True)],
    )


def test_dead_letters_after_some_were_seen_to_are_news() -> None:
    queue = memory_queue()
    move_to_dead_letters(queue, 3)
    check(NOON)
    queue.delete_dead([dead_letter.handle for dead_letter in queue.dead_letters(most=2)])
    check(NOON + timedelta(hours=2))
    move_to_dead_letters(queue)

    assert check(NOON + timedelta(hours=3)) == [("dead-letters", True)]


def test_an_incident_that_is_over_may_come_again() -> None:
    queue = memory_queue()
    move_to_dead_letters(queue)
    check(NOON)

    queue.clear()
    good = check(NOON + timedelta(minutes=5))
    move_to_dead_letters(queue)

    assert good == []
    assert check(NOON + timedelta(minutes=10)) == [("dead-letters", True)]


def test_a_job_that_waits_too_long_is_mailed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = memory_queue()
    enqueue(jobs.Ping())
    now_s = queue.clock()
    monkeypatch.setattr(queue, "clock", lambda: now_s + 11 * 60)

    assert check(NOON) == [("waiting", True)]
    assert check(NOON + timedelta(hours=5)) == [("waiting", False)]
    assert check(NOON, longest_wait_minutes=12) == []
    assert not WorkerCheck.objects.exclude(bad_since=None).exists()


def test_a_ping_writes_its_message_to_the_log() -> None:
    with capture_logs() as lines:
        for _ in range(2):
            enqueue(jobs.Ping("hello"))
            run_pending_jobs()

    assert [line["message"] for line in lines if line["event"] == "ping"] == ["hello", "hello"]


def run_logged(finished_on: datetime, outcome: str = "done", duration_ms: float = 10.0) -> None:
    JobLog.objects.create(
        message_id="1",
        action="note",
        arguments={},
        attempt=1,
        outcome=outcome,
        duration_ms=duration_ms,
        finished_on=finished_on,
    )


def test_a_day_that_is_over_is_counted_once() -> None:
    midnight = NOON.replace(hour=0)
    for finished_on in (midnight - timedelta(days=1), midnight - timedelta(microseconds=1), midnight):
        run_logged(finished_on)
    run_logged(NOON - timedelta(days=1), "retried", 30.0)

    collected = [collect_days(now=NOON) for _ in range(2)]

    row = ActionDay.objects.get()
    assert collected == [[row.day], []]
    assert (row.day.isoformat(), row.action) == ("2026-03-04", "note")
    assert (row.done, row.retried, row.dead, row.p50_ms, row.total_ms) == (2, 1, 0, 10.0, 50.0)


def test_days_without_a_worker_are_counted_later() -> None:
    for days in (1, 4, 7, 8):
        run_logged(NOON - timedelta(days=days))

    collected = collect_days(now=NOON)

    assert [day.day for day in collected] == [26, 1, 4]


def test_a_day_is_not_counted_in_its_last_minutes() -> None:
    midnight = NOON.replace(hour=0)
    run_logged(midnight - timedelta(hours=1))

    assert collect_days(now=midnight + timedelta(minutes=4)) == []
    assert len(collect_days(now=midnight + timedelta(minutes=6))) == 1


def test_the_statistics_run_as_a_job() -> None:
    run_logged(timezone.now() - timedelta(days=1))

    for _ in range(2):
        enqueue(jobs.CollectWorkerStatistics())
        run_pending_jobs()

    assert ActionDay.objects.count() == 1


def test_old_worker_processes_go(run_jobs: Callable[[], int]) -> None:
    WorkerProcess.objects.create(
        id="00000000-0000-0000-0000-000000000001",
        host="h",
        pid=1,
        seen_on=timezone.now() - timedelta(days=2),
    )

    for _ in range(2):
        CleanWorkerProcesses().execute(jobs.CleanWorkerProcesses())

    assert not WorkerProcess.objects.exists()


def test_the_check_reads_the_queue_that_is_in_use(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"
    DeadJob.objects.create(body="x", attempts=1, reason="r")

    assert check(NOON) == [("dead-letters", True)]
