"""What tests of the apps rely on."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from server.core.errors import Unavailable
from server.core.queue import enqueue
from server.core.queue.backends.memory import MemoryQueue
from worker.action import Discard, Retry
from worker.testing import JobDied, memory_queue, run_pending_jobs
from worker.tests.jobs import Call, Note, action_calling, action_raising, actions, notes


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
    enqueue(Call())

    run_pending_jobs(actions=actions(action_calling(lambda: enqueue(Note("next")))))

    assert notes == ["call 0", "next"]


@pytest.mark.parametrize("error", [ValueError("x"), Unavailable("unavailable"), Discard("no use")])
def test_the_first_failure_comes_up(error: Exception) -> None:
    enqueue(Call())
    enqueue(Note("still runs"))

    with pytest.raises(type(error), match=str(error)):
        run_pending_jobs(actions=actions(action_raising(error)))

    assert notes == ["call 0", "still runs"]


def test_a_job_that_nobody_knows_comes_up() -> None:
    enqueue(Call())

    with pytest.raises(JobDied, match="No Action is registered as 'call'"):
        run_pending_jobs(actions=actions())


def test_a_retry_is_no_failure(queue: MemoryQueue) -> None:
    enqueue(Call())

    run_pending_jobs(actions=actions(action_raising(Retry(60))))

    assert queue.depth().waiting == 1


def test_failures_can_be_left_to_the_queue(queue: MemoryQueue) -> None:
    enqueue(Call())

    run_pending_jobs(raising=False, actions=actions(action_raising(Discard("no use"))))

    assert queue.depth().dead == 1


def test_a_delayed_job_waits() -> None:
    enqueue(Note("later"), delay_seconds=60)

    assert (run_pending_jobs(actions=actions()), notes) == (0, [])


def test_another_queue_is_refused(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"

    with pytest.raises(TypeError, match="PostgresQueue"):
        memory_queue()
