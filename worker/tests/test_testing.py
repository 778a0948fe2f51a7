"""What tests of the apps rely on."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from server.core.errors import Unavailable
from server.core.queue import enqueue
from server.core.queue.backends.memory import MemoryQueue
from worker.action import Discard, Retry
from worker.testing import JobDied, memory_queue, run_pending_jobs
from worker.tests.jobs import Note, Trip, actions, notes, stumble_into, stumble_over


@pytest.fixture(autouse=True)
def queue(settings: Settings) -> Iterator[MemoryQueue]:
    settings.QUEUE_BACKEND = "memory"
    made = memory_queue()
    made.clear()
    yield made
    made.clear()


def test_pending_jobs_run_and_are_counted() -> None:
    enqueue(Note("one"))
    enqueue(Note("two"))

    assert (run_pending_jobs(actions=actions()), notes) == (2, ["one", "two"])


def test_jobs_that_a_job_posts_run_too() -> None:
    enqueue(Trip())

    run_pending_jobs(actions=actions(stumble_into(lambda: enqueue(Note("next")))))

    assert notes == ["trip 0", "next"]


@pytest.mark.parametrize("error", [ValueError("x"), Unavailable("unavailable"), Discard("no use")])
def test_the_first_failure_comes_up(error: Exception) -> None:
    enqueue(Trip())
    enqueue(Note("still runs"))

    with pytest.raises(type(error), match=str(error)):
        run_pending_jobs(actions=actions(stumble_over(error)))

    assert notes == ["trip 0", "still runs"]


def test_a_job_that_nobody_knows_comes_up() -> None:
    enqueue(Trip())

    with pytest.raises(JobDied, match="No Action is registered as 'trip'"):
        run_pending_jobs(actions=actions())


def test_a_retry_is_no_failure(queue: MemoryQueue) -> None:
    enqueue(Trip())

    run_pending_jobs(actions=actions(stumble_over(Retry(60))))

    assert queue.depth().waiting == 1


def test_failures_can_be_left_to_the_queue(queue: MemoryQueue) -> None:
    enqueue(Trip())

    run_pending_jobs(raising=False, actions=actions(stumble_over(Discard("no use"))))

    assert queue.depth().dead == 1


def test_a_delayed_job_waits() -> None:
    enqueue(Note("later"), delay_seconds=60)

    assert (run_pending_jobs(actions=actions()), notes) == (0, [])


def test_another_queue_is_refused(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"

    with pytest.raises(TypeError, match="PostgresQueue"):
        memory_queue()
