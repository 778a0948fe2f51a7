"""The queue's own Actions. Each is run twice: that must do no harm."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from server.apps.streams.jobs import MakePartitions
from server.core.queue import message_of
from server.core.queue.jobs import CleanJobLog, SweepOutbox
from server.core.queue.models import Job, JobLog, OutboxMessage
from server.core.queue.wire import encode
from worker.actions.queue import clean_job_log, sweep_outbox
from worker.actions.streams import make_partitions
from worker.tests.jobs import Note


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_the_sweeper_sends_what_was_left(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"
    _leave_in_the_outbox(3)

    for _ in range(2):
        sweep_outbox.SweepOutbox().execute(SweepOutbox())

    assert (Job.objects.count(), OutboxMessage.objects.count()) == (3, 0)


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_the_sweeper_comes_again_at_once_when_there_is_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.QUEUE_BACKEND = "postgres"
    monkeypatch.setattr(sweep_outbox, "AT_ONCE", 2)
    _leave_in_the_outbox(3)

    sweep_outbox.SweepOutbox().execute(SweepOutbox())

    assert Job.objects.filter(body__contains='"action":"sweep-outbox"').count() == 1


@pytest.mark.integration
@pytest.mark.usefixtures("queue_tables")
def test_old_log_rows_go_and_young_ones_stay() -> None:
    _log_row(days_old=31)
    _log_row(days_old=29)

    for _ in range(2):
        clean_job_log.CleanJobLog().execute(CleanJobLog())

    assert JobLog.objects.count() == 1


@pytest.mark.integration
@pytest.mark.django_db(databases=["default", "streamdata"])
def test_partitions_can_be_made_twice() -> None:
    for _ in range(2):
        make_partitions.MakePartitions().execute(MakePartitions())


def _leave_in_the_outbox(count: int) -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    for number in range(count):
        message = message_of(Note(str(number)))
        OutboxMessage.objects.create(
            id=message.id, body=encode(message), due_on=long_ago, created_on=long_ago
        )


def _log_row(*, days_old: int) -> None:
    JobLog.objects.create(
        message_id="1",
        action="note",
        arguments={},
        attempt=1,
        outcome="done",
        duration_ms=1,
        finished_on=timezone.now() - timedelta(days=days_old),
    )
