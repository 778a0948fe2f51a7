"""Workers, web processes, PostgreSQL's back ends and Redis are killed at any moment, fifty times in
all: nothing is lost, nothing is doubled, nothing is stuck. `./inv chaos` does the same to a whole
installation, and more of it."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from pytest_django import Settings

from chaos.harness.fork_server import VISIBLE_AFTER_S
from chaos.harness.processes import wait_until
from chaos.harness.sending import Deliver, HttpDelivery, Senders
from chaos.harness.servers import kill_back_end, postgres_answers, running_redis
from chaos.harness.verdict import (
    assert_all_stored,
    count_processed_reports,
    count_running_jobs,
    count_waiting_jobs,
    highest_attempt,
    queue_is_empty,
)
from chaos.harness.web import running_web
from chaos.harness.workers import ForkServer, fork_server, run_worker_command
from server.apps.accounts.models import Account
from server.apps.devices.models import Project
from server.apps.streams.tests.factories import make_claimed_device
from server.core.tests.committed import committed

__all__ = ["committed"]  # other processes must see the rows

pytestmark = [pytest.mark.integration, pytest.mark.django_db(databases=["default", "streamdata"])]

SEED: Final = 20_210_601
WORKER_KILLS: Final = 22
WEB_KILLS: Final = 12
BACK_END_KILLS: Final = 8
REDIS_KILLS: Final = 8
LONGEST_LIFE_S: Final = 0.06  # after its first job
LONGEST_UPLOADS_S: Final = 0.08
BACKLOG: Final = 30
UNLUCKY: Final = 3  # after five attempts a job is given up for good, and rightly


@pytest.fixture
def objects(settings: Settings, tmp_path: Path) -> Path:
    """The object store and the queue that the workers use, too."""
    settings.QUEUE_BACKEND = "postgres"
    folder = tmp_path / "objects"
    store = {"BACKEND": "server.core.storage.DurableFileStorage", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "default": store}
    return folder


@pytest.fixture
def workers(objects: Path, tmp_path: Path) -> Iterator[ForkServer]:
    with fork_server(objects, tmp_path / "workers.log") as started:
        yield started


def senders(
    project: Project, carrier: Account, *, devices: int, seed: int, deliver: Deliver | None = None
) -> Senders:
    print(f"seed {seed}")  # noqa: T201  to be able to send the same again
    logging = [make_claimed_device(project=project) for _ in range(devices)]
    return Senders(logging, carrier, seed, deliver=deliver)


def drain(objects: Path) -> None:
    """What was in flight when its worker was killed comes again when its time is over."""
    drained = run_worker_command(objects, "--processes", "0", "--idle-exit", str(VISIBLE_AFTER_S + 0.5))
    assert drained.returncode == 0, drained.stderr[-2000:]


def test_a_worker_that_is_killed_at_many_moments_loses_and_doubles_nothing(
    workers: ForkServer, objects: Path, project: Project, alice: Account
) -> None:
    chance = random.Random(SEED)
    devices = senders(project, alice, devices=4, seed=SEED)

    in_the_middle = 0

    for _ in range(WORKER_KILLS):
        worker = workers.start_worker()
        before = count_processed_reports()
        devices.upload(max(1, BACKLOG - count_waiting_jobs()))
        wait_until(lambda: count_processed_reports() > before, what="a job is processed")  # noqa: B023  ends here
        threading.Event().wait(chance.uniform(0, LONGEST_LIFE_S))
        wait_until(lambda: highest_attempt() <= UNLUCKY, what="the unluckiest job is done")
        worker.kill()
        in_the_middle += count_running_jobs()

    drain(objects)
    assert in_the_middle > WORKER_KILLS / 5, "hardly any worker was killed in the middle of a job"
    assert_all_stored(devices)


def test_web_processes_that_are_killed_while_devices_upload_lose_and_double_nothing(
    workers: ForkServer, objects: Path, tmp_path: Path, project: Project, alice: Account
) -> None:
    """A device that got no answer sends again, and what came twice is stored once."""
    chance = random.Random(SEED + 3)
    workers.start_worker()

    with running_web(objects, tmp_path / "web.log") as web:
        post = HttpDelivery(web, alice)
        devices = senders(project, alice, devices=3, seed=SEED + 3, deliver=post)
        for _ in range(WEB_KILLS):
            killer = threading.Timer(
                chance.uniform(0, LONGEST_UPLOADS_S), web.kill_one, [chance.randrange(2)]
            )
            killer.start()
            devices.upload(4)
            killer.join()

    wait_until(queue_is_empty, what="all jobs are done")
    assert post.retries, "no upload was cut off"
    assert_all_stored(devices)


def test_back_ends_of_postgresql_that_are_killed_under_a_worker_lose_and_double_nothing(
    workers: ForkServer, objects: Path, project: Project, alice: Account
) -> None:
    """The database ends all connections and repairs itself; the job that was lost with it runs
    again."""
    chance = random.Random(SEED + 4)
    worker = workers.start_worker()
    devices = senders(project, alice, devices=3, seed=SEED + 4)
    killed = 0

    for _ in range(BACK_END_KILLS):
        before = count_processed_reports()
        devices.upload(12)
        wait_until(lambda: count_processed_reports() > before, what="a job is processed")  # noqa: B023  ends here
        threading.Event().wait(chance.uniform(0, LONGEST_LIFE_S))
        killed += kill_back_end(worker.pid)
        wait_until(postgres_answers, what="PostgreSQL is back")

    wait_until(queue_is_empty, what="all jobs are done", seconds=40)
    worker.stop()
    assert killed == BACK_END_KILLS
    assert_all_stored(devices)


def test_a_redis_that_is_killed_under_a_worker_costs_no_reading(
    objects: Path, tmp_path: Path, project: Project, alice: Account
) -> None:
    """What is stored is announced through it: a page misses the news, and nothing else."""
    chance = random.Random(SEED + 5)
    devices = senders(project, alice, devices=3, seed=SEED + 5)

    with (
        running_redis(tmp_path / "redis") as redis,
        fork_server(objects, tmp_path / "log", redis.url) as workers,
    ):
        worker = workers.start_worker()
        for _ in range(REDIS_KILLS):
            before = count_processed_reports()
            devices.upload(8)
            wait_until(lambda: count_processed_reports() > before, what="a job is processed")  # noqa: B023  ends here
            threading.Event().wait(chance.uniform(0, LONGEST_LIFE_S))
            redis.kill()
            devices.upload(2)
            redis.start()
        wait_until(queue_is_empty, what="all jobs are done")
        worker.stop()

    assert_all_stored(devices)


def test_weak_point_20_two_workers_on_one_device_store_everything_once(
    workers: ForkServer, project: Project, alice: Account
) -> None:
    """Killed now and then, too; a third one takes over."""
    chance = random.Random(SEED + 1)
    device = senders(project, alice, devices=1, seed=SEED + 1)
    pair = [workers.start_worker(), workers.start_worker()]

    for _ in range(8):
        device.upload(12)
        threading.Event().wait(chance.uniform(0, LONGEST_LIFE_S))
        wait_until(lambda: highest_attempt() <= UNLUCKY, what="the unluckiest job is done")
        pair.pop(0).kill()
        pair.append(workers.start_worker())

    wait_until(queue_is_empty, what="all jobs are done")
    for worker in pair:
        worker.stop()
    assert_all_stored(device)


def test_a_worker_that_stood_still_for_too_long_does_its_job_beside_another(
    workers: ForkServer, project: Project, alice: Account
) -> None:
    """Its job was delivered to another worker meanwhile, and now both have it."""
    chance = random.Random(SEED + 2)
    device = senders(project, alice, devices=1, seed=SEED + 2)
    device.upload(1)
    slow, quick = workers.start_worker(), workers.start_worker()
    wait_until(queue_is_empty, what="both are awake")

    for _ in range(3):
        before = count_processed_reports()
        device.upload(20)
        wait_until(lambda: count_processed_reports() > before, what="a job is processed")  # noqa: B023  ends here
        threading.Event().wait(chance.uniform(0, LONGEST_LIFE_S))
        slow.pause()
        threading.Event().wait(VISIBLE_AFTER_S * 1.1)
        slow.resume()
        wait_until(queue_is_empty, what="all jobs are done")

    for worker in (slow, quick):
        worker.stop()
    assert_all_stored(device)
