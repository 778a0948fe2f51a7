"""The heartbeat of a worker process."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from server.core.queue import message_of
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.models import WorkerProcess
from worker.assembly import build_bare_loop, build_loop
from worker.loop import Loop, LoopOptions
from worker.middleware.heartbeat import Heartbeat, heartbeat_of_this_process
from worker.middleware.logging import Logging
from worker.middleware.retries import Retries
from worker.tests.jobs import Call, Note, action_calling, action_raising, actions

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def heartbeat(every_seconds: float = 3600.0) -> Heartbeat:
    return Heartbeat(every_seconds=every_seconds, clock=lambda: NOON)


def loop_with(beats: Heartbeat, queue: MemoryQueue, call: type | None = None) -> Loop:
    options = LoopOptions(wait_seconds=0, idle_exit_seconds=0)
    return Loop(queue, actions(call), [Logging(), beats, Retries()], options)


def test_a_worker_records_when_it_starts_and_stops_and_its_counts(queue: MemoryQueue) -> None:
    queue.send([message_of(Note("1")), message_of(Note("2")), message_of(Call())])

    loop_with(heartbeat(), queue, action_raising(ValueError("x"))).run()

    row = WorkerProcess.objects.get()
    assert (row.done, row.failed, row.in_hand, row.jobs_at_a_time) == (2, 1, [], 1)
    assert row.stopped_on is not None
    assert row.started_on < row.seen_on


def test_a_long_job_is_seen_in_flight(queue: MemoryQueue) -> None:
    seen: list[object] = []
    beats = heartbeat()

    def look() -> None:
        beats.beat()
        seen.extend(WorkerProcess.objects.get().in_hand)

    sent = message_of(Call())
    queue.send([sent])
    loop_with(beats, queue, action_calling(look)).run()

    assert seen == [{"action": "call", "id": sent.id, "since": "2026-01-01T12:00:00.000+00:00"}]


def test_the_thread_beats_while_a_job_runs(queue: MemoryQueue) -> None:
    beaten = threading.Event()

    def wait_for_the_thread() -> None:
        for _ in range(500):
            if WorkerProcess.objects.filter(in_hand__contains=[{"action": "call"}]).exists():
                beaten.set()
                return
            threading.Event().wait(0.01)

    queue.send([message_of(Call())])
    loop_with(heartbeat(every_seconds=0.02), queue, action_calling(wait_for_the_thread)).run()

    assert beaten.is_set()


def test_the_loops_of_one_process_share_a_row(queue: MemoryQueue) -> None:
    beats = heartbeat()
    loops = [loop_with(beats, queue) for _ in range(2)]
    for _ in loops:
        beats.starting()
    beats.beat()
    both = WorkerProcess.objects.get().jobs_at_a_time

    beats.stopping()
    still = WorkerProcess.objects.get().stopped_on
    beats.stopping()

    assert (both, still) == (2, None)
    assert WorkerProcess.objects.get().stopped_on is not None
    assert heartbeat_of_this_process() is heartbeat_of_this_process()


@pytest.mark.parametrize("identifier", ["\0", "\ud800", "x" * 100_000])
def test_an_id_that_a_stranger_made_does_not_make_a_worker_look_dead(
    queue: MemoryQueue, identifier: str
) -> None:
    beats = heartbeat()
    sent = message_of(Call())
    queue.send([type(sent)(identifier, sent.action, sent.arguments)])

    loop_with(beats, queue, action_calling(beats.beat)).run()

    assert WorkerProcess.objects.get().done == 1


def test_a_worker_runs_on_while_the_database_does_not_take_its_beat(queue: MemoryQueue) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_workerprocess RENAME TO hidden")
    queue.send([message_of(Note("1"))])
    try:
        beats = heartbeat()
        loop_with(beats, queue).run()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE hidden RENAME TO core_workerprocess")

    beats.beat()
    assert WorkerProcess.objects.get().done == 1


def test_a_job_costs_no_query_for_the_figures(queue: MemoryQueue, settings: Settings) -> None:
    queue.send([message_of(Note(str(number))) for number in range(5)])
    bare = build_bare_loop(queue, actions=actions())

    with CaptureQueriesContext(connection) as queries:
        runs = bare.drain()

    assert (runs, len(queries)) == (5, 0)


def test_an_idle_turn_costs_no_query_for_the_figures(queue: MemoryQueue) -> None:
    loop = build_loop(queue, LoopOptions(wait_seconds=0))
    loop.run_once()  # the periodic jobs and the pause are looked at every few seconds
    loop.run_once()
    while loop.run_once():
        pass

    with CaptureQueriesContext(connection) as queries:
        loop.run_once()

    assert [query["sql"] for query in queries if "workerprocess" in query["sql"]] == []
    assert len(queries) <= 1
