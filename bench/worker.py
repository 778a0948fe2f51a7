"""The worker's loop: its own cost per job, and the delay until a job starts."""

import statistics
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import bench.database  # noqa: F401  Django must be set up before an Action is imported
from bench.table import Row, ms
from bench.timing import percentile
from server.core.queue import MAX_BATCH, Queue, message_of
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.backends.postgres import PostgresQueue
from server.core.queue.models import Job
from worker.action import Action
from worker.assembly import build_bare_loop
from worker.loop import Loop, LoopOptions
from worker.middleware.logging import Logging
from worker.middleware.retries import Retries

JOBS = 1000
MESSAGES = 60
FLOOD = 3000
_started: list[float] = []


@dataclass(frozen=True, slots=True)
class RecordTime:
    action: ClassVar[str] = "record-time"

    @property
    def order_key(self) -> str:
        return ""


class RecordTimeAction(Action[RecordTime]):
    def execute(self, job: RecordTime) -> None:
        _started.append(time.perf_counter())


@dataclass(frozen=True, slots=True)
class Occupy:
    action: ClassVar[str] = "occupy"
    order_key: ClassVar[str] = ""


class OccupyAction(Action[Occupy]):
    """As long as storing a report takes."""

    def execute(self, job: Occupy) -> None:
        time.sleep(0.005)


ACTIONS: dict[str, type[Action[Any]]] = {RecordTime.action: RecordTimeAction, Occupy.action: OccupyAction}


def rows() -> Iterator[Row]:
    Job.objects.all().delete()  # of the uploads that were measured before
    own = _cpu_per_job(MemoryQueue())
    yield Row("trivial Action, the loop's own CPU", ms(own), budget="at most 0.3 ms")
    yield Row("trivial Action, CPU with the queue in PostgreSQL", ms(_cpu_per_job(PostgresQueue())))
    waits = _measure_waits(flood=0)
    yield Row("message to start, worker idle, median", ms(statistics.median(waits)), budget="under 100 ms")
    yield Row("message to start, worker idle, p99", ms(percentile(waits, 0.99)), budget="under 100 ms")
    waits = _measure_waits(flood=FLOOD)
    Job.objects.all().delete()
    name = f"message to start, {FLOOD} jobs of another organisation wait, p99"
    yield Row(name, ms(percentile(waits, 0.99)), budget="under 5 s")


def _cpu_per_job(queue: Queue) -> float:
    for _ in range(JOBS):
        queue.send([message_of(RecordTime())])
    loop = build_bare_loop(queue, actions=ACTIONS)
    began = time.process_time()
    runs = loop.drain()
    took = time.process_time() - began
    if isinstance(queue, PostgresQueue):
        queue.close()
    return took / runs


def _measure_waits(*, flood: int) -> list[float]:
    """Returns the seconds from message to start, each to a worker that is idle or has a flood of
    another organisation's jobs."""
    receiving, sending = PostgresQueue(), PostgresQueue()
    for _ in range(flood // MAX_BATCH):
        sending.send([message_of(Occupy(), org=uuid.UUID(int=1)) for _ in range(MAX_BATCH)])
    loop = Loop(receiving, ACTIONS, [Logging(), Retries()], LoopOptions(wait_seconds=5.0))
    thread = threading.Thread(target=loop.run)
    thread.start()
    waits = []
    try:
        for _ in range(MESSAGES):
            _started.clear()
            time.sleep(0.02)
            sent = time.perf_counter()
            sending.send([message_of(RecordTime(), org=uuid.UUID(int=2))])
            deadline = sent + 10
            while not _started and time.perf_counter() < deadline:
                time.sleep(0.0002)
            waits.append(_started[0] - sent)
    finally:
        loop.stop()
        thread.join()
        sending.close()
    return waits
