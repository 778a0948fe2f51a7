from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now
from pytest_django import Settings

from server.core.queue.models import Job, PeriodicRun
from worker.periodic import PERIODIC, Periodic, PostPeriodicJobs, post_due_jobs
from worker.registry import ACTIONS
from worker.tests.jobs import Call

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("queue_tables")]

TABLE = [Periodic(Call(), every_seconds=60)]


@pytest.fixture(autouse=True)
def postgres_queue(settings: Settings) -> None:
    settings.QUEUE_BACKEND = "postgres"


def ran_before(seconds: int) -> None:
    PeriodicRun.objects.create(name="call", last_on=Now() - timedelta(seconds=seconds))


def test_a_job_that_never_ran_is_posted() -> None:
    PostPeriodicJobs(TABLE).before_receive()

    assert Job.objects.count() == 1


@pytest.mark.parametrize(("seconds", "posted"), [(61, ["call"]), (50, []), (-3600, ["call"]), (-5, [])])
def test_a_job_is_posted_when_its_time_has_come(seconds: int, posted: list[str]) -> None:
    """Also after the database's clock was set back by an hour."""
    ran_before(seconds)

    assert post_due_jobs(TABLE) == posted


def test_a_posted_job_waits_for_its_next_time() -> None:
    ran_before(61)

    post_due_jobs(TABLE)

    assert post_due_jobs(TABLE) == []


def test_several_workers_post_it_once() -> None:
    ran_before(61)

    def look() -> list[str]:
        try:
            return post_due_jobs(TABLE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        posted = [future.result() for future in [pool.submit(look) for _ in range(8)]]

    assert sorted(posted) == [[]] * 7 + [["call"]]


def test_a_worker_looks_now_and_then_only() -> None:
    ran_before(0)
    periodic = PostPeriodicJobs(TABLE)
    periodic.before_receive()
    PeriodicRun.objects.update(last_on=Now() - timedelta(days=1))

    periodic.before_receive()

    assert Job.objects.count() == 0


@pytest.mark.parametrize("each", PERIODIC, ids=lambda each: str(each.job.action))
def test_each_periodic_job_has_an_action(each: Periodic) -> None:
    assert ACTIONS[each.job.action].payload is type(each.job)
