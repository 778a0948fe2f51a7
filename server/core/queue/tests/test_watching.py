"""What operators see: workers by their heartbeats, and one job by its id."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from server.core.queue import Delivery, JobRecord, Message, Outcome, Queue, current_queue
from server.core.queue.contract import Counts
from server.core.queue.log import current_log
from server.core.queue.models import Job, OutboxMessage, WorkerProcess
from server.core.queue.tests.fixtures import message, take
from server.core.queue.watching import history
from server.core.queue.watching.workers import (
    WorkerHeartbeat,
    clean_worker_processes,
    record_heartbeat,
    workers,
)
from server.core.queue.wire import encode

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]


@pytest.fixture(autouse=True)
def queue_in_postgres(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"


def a_beat(**changes: Any) -> WorkerHeartbeat:
    usual: dict[str, Any] = {
        "id": uuid.uuid4(),
        "host": "here",
        "pid": 7,
        "jobs_at_a_time": 2,
        "done": 5,
        "failed": 1,
        "in_flight": [{"action": "note", "id": "m1", "since": "2026-01-01T00:00:00.000+00:00"}],
    }
    return WorkerHeartbeat(**usual | changes)


def logged(message_id: str, outcome: Outcome, detail: str = "") -> None:
    current_log().write(JobRecord(message_id, "test", {}, 1, outcome, 1.0, detail))


def taken(queue: Queue) -> Delivery:
    """Without waiting, as a waiting receive listens on a connection that these tests do not
    close."""
    delivery = take(queue)
    assert delivery is not None
    return delivery


def state_of(message_id: str) -> str | None:
    seen = history.job_status(message_id, now=timezone.now())
    return seen.state.value if seen else None


def test_a_worker_is_alive_for_thirty_seconds_after_it_was_seen() -> None:
    record_heartbeat(a_beat())
    [row] = WorkerProcess.objects.all()

    for seconds, alive in ((29, True), (31, False)):
        [seen] = workers(row.seen_on + timedelta(seconds=seconds))
        assert seen.alive is alive
    assert (seen.host, seen.pid, seen.jobs_at_a_time, seen.done, seen.failed) == ("here", 7, 2, 5, 1)
    assert seen.in_flight[0]["action"] == "note"


def test_a_worker_that_stopped_is_not_alive() -> None:
    one = a_beat()
    record_heartbeat(one)
    record_heartbeat(a_beat(id=one.id, stopped=True, in_flight=[]))

    [seen] = workers(timezone.now())

    assert (seen.alive, seen.stopped_on is not None, seen.in_flight) == (False, True, [])


def test_another_beat_changes_the_row_and_keeps_when_it_started() -> None:
    one = a_beat()
    record_heartbeat(one)
    started = WorkerProcess.objects.get().started_on

    record_heartbeat(a_beat(id=one.id, done=6))

    row = WorkerProcess.objects.get()
    assert (row.done, row.started_on) == (6, started)
    assert row.seen_on > started


def test_those_alive_come_first() -> None:
    for pid, stopped in ((1, False), (2, True), (3, False)):
        record_heartbeat(a_beat(pid=pid, stopped=stopped))

    assert [seen.pid for seen in workers(timezone.now())] == [3, 1, 2]


def test_workers_not_seen_for_a_day_are_forgotten() -> None:
    record_heartbeat(a_beat(pid=1))
    WorkerProcess.objects.update(seen_on=timezone.now() - timedelta(hours=25))
    record_heartbeat(a_beat(pid=2))

    for _ in range(2):
        clean_worker_processes(now=timezone.now())

    assert [seen.pid for seen in workers(timezone.now())] == [2]


def test_actions_and_runs_come_from_the_worker_log() -> None:
    logged("1", Outcome.DONE)
    logged("2", Outcome.DEAD, "no use")

    [row] = history.actions_since(datetime(2020, 1, 1, tzinfo=UTC))

    assert (row.action, row.runs, row.done, row.dead) == ("test", 2, 1, 1)
    assert [run.message_id for run in history.runs()] == ["2", "1"]
    assert [run.detail for run in history.runs(action="test", outcome="dead", most=1)] == ["no use"]
    assert [run.outcome for run in history.runs_of("1")] == ["done"]


def test_a_job_is_seen_from_its_posting_to_its_end() -> None:
    queue = current_queue()
    sent = message()

    before = state_of(sent.id)
    queue.send([sent])
    waiting = state_of(sent.id)
    delivery = taken(queue)
    running = state_of(sent.id)
    queue.delete(delivery, record=JobRecord(sent.id, "test", {}, 1, Outcome.DONE, 1.0))

    assert (before, waiting, running, state_of(sent.id)) == (None, "scheduled", "running", "done")


def test_a_job_that_comes_again_is_scheduled() -> None:
    queue = current_queue()
    sent = message()
    queue.send([sent])

    queue.release(
        taken(queue),
        delay_seconds=60,
        counts=Counts.ATTEMPT,
        record=JobRecord(sent.id, "test", {}, 1, Outcome.RETRIED, 1.0, "broken"),
    )

    assert state_of(sent.id) == "scheduled"


def test_a_dead_job_has_failed_until_it_is_sent_again() -> None:
    queue = current_queue()
    sent = message()
    queue.send([sent])
    record = JobRecord(sent.id, "test", {}, 1, Outcome.DEAD, 1.0, "no use")
    queue.move_to_dead_letters(taken(queue), reason="no use", record=record)

    seen = history.job_status(sent.id, now=timezone.now())
    [dead_letter] = queue.dead_letters(most=1)
    queue.redrive([dead_letter.handle])

    assert seen is not None
    assert (seen.state, seen.detail, seen.finished_on is not None) == ("failed", "no use", True)
    assert state_of(sent.id) == "scheduled"


def test_without_a_table_of_jobs_the_heartbeats_and_the_outbox_tell(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "memory"
    record_heartbeat(a_beat(in_flight=[{"action": "note", "id": "running", "since": "x"}]))
    posted = Message(str(uuid.uuid4()), "note", {})
    OutboxMessage.objects.create(id=posted.id, body=encode(posted), due_on=timezone.now())
    logged("again", Outcome.RETRIED)

    assert state_of("running") == "running"
    assert state_of(posted.id) == "scheduled"
    assert state_of("again") == "scheduled"
    assert state_of(str(uuid.uuid4())) is None


def test_what_a_worker_that_is_gone_had_in_flight_does_not_run(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "memory"
    record_heartbeat(a_beat(in_flight=[{"action": "note", "id": "running", "since": "x"}]))

    seen = history.job_status("running", now=timezone.now() + timedelta(minutes=1))

    assert seen is None


@pytest.mark.parametrize("identifier", ["%", "_" * 36, "\ud800", "\0", '"', "\\", ""])
def test_what_is_no_id_finds_nothing(identifier: str) -> None:
    current_queue().send([message()])

    assert state_of(identifier) is None
    assert Job.objects.count() == 1
