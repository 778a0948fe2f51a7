import threading

import pytest
from structlog.testing import capture_logs

from server.core.queue import Delivery, message_of
from server.core.queue.tests.fixtures import FakeClock
from worker.jobrun import JobRun
from worker.middleware.time_limit import EXIT_CODE, GRACE_S, TimeLimit
from worker.tests.jobs import Note, TakeNote

LIMIT_S = TakeNote.max_seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ends() -> list[int]:
    """The exit codes with which the process would have ended."""
    return []


@pytest.fixture
def limit(ends: list[int]) -> TimeLimit:
    return TimeLimit(end=ends.append)


@pytest.fixture
def run(clock: FakeClock) -> JobRun:
    delivery = Delivery(message_of(Note("hello")), "", attempt=1, receipt=None)
    return JobRun(delivery, action=TakeNote(), clock=clock)


def test_a_job_over_its_limit_ends_its_process(
    limit: TimeLimit, run: JobRun, clock: FakeClock, ends: list[int]
) -> None:
    limit.before(run)
    clock.pass_seconds(LIMIT_S + GRACE_S)

    limit.check()

    assert ends == [EXIT_CODE]


def test_a_job_over_its_limit_has_a_moment_to_finish(
    limit: TimeLimit, run: JobRun, clock: FakeClock, ends: list[int]
) -> None:
    limit.before(run)
    clock.pass_seconds(LIMIT_S + GRACE_S - 1)

    limit.check()

    assert ends == []


def test_a_process_between_two_jobs_lives(
    limit: TimeLimit, run: JobRun, clock: FakeClock, ends: list[int]
) -> None:
    limit.before(run)
    limit.after(run)
    clock.pass_seconds(LIMIT_S + GRACE_S)

    limit.check()

    assert ends == []


def test_the_log_shows_where_the_job_was(limit: TimeLimit, run: JobRun, clock: FakeClock) -> None:
    limit.before(run)
    clock.pass_seconds(LIMIT_S + GRACE_S)

    with capture_logs() as logs:
        limit.check()

    [line] = logs
    assert line["action"] == "note"
    assert "test_the_log_shows_where_the_job_was" in line["stack"]


def test_a_thread_extends_while_the_job_runs(run: JobRun, clock: FakeClock) -> None:
    ended = threading.Event()
    limit = TimeLimit(end=lambda code: ended.set(), check_every_seconds=0.005)
    limit.before(run)
    clock.pass_seconds(LIMIT_S + GRACE_S)

    limit.starting()
    in_time = ended.wait(20)
    limit.stopping()

    assert in_time
