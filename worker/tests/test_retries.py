"""What a failure means for the message, by the class of the error."""

import psycopg2
import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError

from server.core.errors import Invalid, NotFound, StorageFull, Unavailable
from server.core.queue import Counts, Delivery, Outcome, message_of
from server.core.queue.backends.memory import MemoryQueue
from worker.action import Discard, Retry
from worker.assembly import build_bare_loop
from worker.jobrun import Dead, Requeue
from worker.middleware.retries import MAX_DEFERRALS, back_off_seconds, verdict_for
from worker.tests.jobs import Call, RunCall, action_raising, actions

ACTION = action_raising(ValueError())()


def delivery(*, attempt: int = 1, deferred: int = 0) -> Delivery:
    return Delivery(message_of(Call()), "", attempt, receipt=None, deferred=deferred)


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("the object store does not answer"),
        StorageFull(),
        OperationalError("server closed the connection"),
        InterfaceError("connection already closed"),
        psycopg2.OperationalError("COPY broke off"),
    ],
)
def test_a_part_that_is_unavailable_defers_the_job(error: Exception) -> None:
    verdict = verdict_for(error, delivery(attempt=ACTION.max_attempts), ACTION)

    assert isinstance(verdict, Requeue)
    assert verdict.counts is Counts.DEFERRAL


@pytest.mark.parametrize(
    ("deferred", "shortest", "longest"), [(0, 1, 1), (3, 8, 10), (6, 60, 75), (1000, 60, 75)]
)
def test_a_job_that_is_put_off_waits_longer_each_time(deferred: int, shortest: int, longest: int) -> None:
    verdict = verdict_for(Unavailable(), delivery(deferred=deferred), ACTION)

    assert isinstance(verdict, Requeue)
    assert shortest <= verdict.delay_seconds <= longest


def test_a_job_is_not_put_off_for_ever() -> None:
    verdict = verdict_for(Unavailable("the object is gone"), delivery(deferred=MAX_DEFERRALS), ACTION)

    assert isinstance(verdict, Dead)
    assert "the object is gone" in verdict.reason


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), KeyError("x"), IntegrityError("x"), DataError("x"), MemoryError(), RecursionError()],
)
def test_weak_point_21_an_error_of_the_program_is_tried_again(error: Exception) -> None:
    verdict = verdict_for(error, delivery(), ACTION)

    assert isinstance(verdict, Requeue)
    assert verdict.counts is Counts.ATTEMPT


def test_an_error_of_the_program_dies_with_its_traceback_in_the_end() -> None:
    try:
        raise ValueError("x is not y")
    except ValueError as caught:
        error = caught

    verdict = verdict_for(error, delivery(attempt=ACTION.max_attempts), ACTION)

    assert isinstance(verdict, Dead)
    assert "test_retries.py" in verdict.reason
    assert verdict.reason.endswith("ValueError: x is not y\n")


@pytest.mark.parametrize("error", [Discard("no such report"), NotFound(), Invalid("bad slug")])
def test_an_error_that_no_retry_can_fix_is_dead_at_once(error: Exception) -> None:
    assert isinstance(verdict_for(error, delivery(), ACTION), Dead)


def test_a_discarded_job_has_its_reason_and_no_traceback() -> None:
    assert verdict_for(Discard("no such report"), delivery(), ACTION) == Dead("no such report")


def test_retry_sets_the_delay() -> None:
    verdict = verdict_for(Retry(7, "not yet"), delivery(), ACTION)

    assert verdict == Requeue(7, Counts.ATTEMPT, "Retry: not yet")


def test_retry_comes_to_an_end_too() -> None:
    assert isinstance(verdict_for(Retry(7), delivery(attempt=ACTION.max_attempts), ACTION), Dead)


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"), [(1, 2, 3), (2, 8, 10), (3, 32, 40), (5, 300, 375), (99, 300, 375)]
)
def test_back_off_grows_to_a_limit(attempt: int, shortest: int, longest: int) -> None:
    assert shortest <= back_off_seconds(attempt) <= longest


def test_a_job_that_ended_its_worker_too_often_is_not_run_again(queue: MemoryQueue) -> None:
    queue.send([message_of(Call())])
    for _ in range(RunCall.max_attempts):
        queue.receive(most=1, wait_seconds=0, visible_after_seconds=0)  # and the worker died

    build_bare_loop(queue, actions=actions(ACTION.__class__)).drain()

    [dead_letter] = queue.dead_letters(most=10)
    assert "started 3 times" in dead_letter.reason
    assert [record.outcome for record in queue.records] == [Outcome.DEAD]


def test_a_job_in_its_last_attempt_still_runs(queue: MemoryQueue) -> None:
    queue.send([message_of(Call())])
    for _ in range(RunCall.max_attempts - 1):
        queue.receive(most=1, wait_seconds=0, visible_after_seconds=0)

    build_bare_loop(queue, actions=actions(ACTION.__class__)).drain()

    [dead_letter] = queue.dead_letters(most=10)
    assert "ValueError" in dead_letter.reason
