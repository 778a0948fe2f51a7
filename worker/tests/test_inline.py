"""USE_WORKER=False."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from server.apps.ingest.jobs import ProcessReport
from server.core.queue import Message, enqueue, message_of
from server.core.queue.jobs import CleanJobLog
from server.core.queue.models import JobLog
from server.core.queue.watching.history import job_status
from worker.inline import run_inline

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]


def old_row() -> JobLog:
    return JobLog.objects.create(
        message_id="1",
        action="note",
        arguments={},
        attempt=1,
        outcome="done",
        duration_ms=1,
        finished_on=timezone.now() - timedelta(days=31),
    )


def test_a_posted_job_runs_after_the_commit(settings: Settings) -> None:
    settings.USE_WORKER = False
    old_row()

    with transaction.atomic():
        enqueue(CleanJobLog())
        before = JobLog.objects.count()

    assert (before, JobLog.objects.filter(action="note").count()) == (1, 0)


def test_an_inline_run_is_in_the_worker_log(settings: Settings) -> None:
    settings.USE_WORKER = False

    identifier = enqueue(CleanJobLog())

    row = JobLog.objects.get()
    assert (row.message_id, row.action, row.outcome) == (identifier, "clean-job-log", "done")


def test_a_job_that_cannot_run_is_logged() -> None:
    with capture_logs() as logs:
        run_inline(Message("1", "unheard-of", {}))

    assert [line["event"] for line in logs] == ["job dead"]
    assert JobLog.objects.get().outcome == "dead"


def test_the_pid_of_an_inline_job_returns_how_it_ended(settings: Settings) -> None:
    settings.USE_WORKER = False

    identifier = enqueue(CleanJobLog())

    seen = job_status(identifier, now=timezone.now())
    assert seen is not None
    assert (seen.action, seen.state) == ("clean-job-log", "done")


def test_an_inline_job_that_fails_has_failed_for_good() -> None:
    """No worker would ever try again, so the state must not be scheduled."""
    lost = message_of(ProcessReport(report_id="no uuid", streamer="t--1"))

    run_inline(lost)

    seen = job_status(lost.id, now=timezone.now())
    assert seen is not None
    assert (seen.state, seen.detail.partition(":")[0]) == ("failed", "ValueError")
