"""ElasticMQ is killed in the middle of a run, with and without its memory: no report is lost, none
is stored twice."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from chaos.harness.processes import wait_until
from chaos.harness.sending import Senders
from chaos.harness.verdict import assert_all_stored, count_processed_reports
from chaos.harness.workers import environment
from server.apps.accounts.models import Account
from server.apps.devices.models import Project
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.requeueing import LATE_AFTER, requeue_waiting_reports
from server.apps.streams.tests.factories import make_claimed_device
from server.core.errors import Unavailable
from server.core.queue import sweep_outbox
from server.core.queue.models import OutboxMessage
from server.core.queue.tests.fixtures import Server, free_port, numbers, running_elasticmq
from server.core.tests.committed import committed

__all__ = ["committed"]  # other processes must see the rows

pytestmark = [
    pytest.mark.integration,
    pytest.mark.django_db(databases=["default", "streamdata"]),
    pytest.mark.usefixtures("aws_keys"),
]

SEED: Final = 20_210_602
WORKER: Final = ["sqs-loop-worker", "--processes", "0", "--jobs", "2", "--wait", "1", "--visible-after", "2"]


@pytest.fixture(params=[True, False], ids=["keeps its messages", "forgets its messages"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with running_elasticmq(tmp_path / "elasticmq", free_port(), durable=request.param) as started:
        yield started


@pytest.fixture
def objects(settings: Settings, server: Server, tmp_path: Path) -> Path:
    """The object store and the queue that the worker uses, too."""
    settings.QUEUE_BACKEND, settings.SQS_URL = "sqs", server.address
    settings.SQS_QUEUE_NAME = f"killed-{next(numbers)}"
    folder = tmp_path / "objects"
    store = {"BACKEND": "server.core.storage.DurableFileStorage", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "default": store}
    return folder


@pytest.fixture
def worker(objects: Path, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with (tmp_path / "worker.log").open("wb") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "server.manage", *WORKER],
            cwd=django_settings.ROOT,
            env=environment(objects)
            | {
                "QUEUE_BACKEND": "sqs",
                "SQS_URL": django_settings.SQS_URL,
                "SQS_QUEUE_NAME": django_settings.SQS_QUEUE_NAME,
            },
            stdout=log,
            stderr=log,
        )
    yield started
    started.kill()
    started.wait()


def test_a_queue_that_is_killed_in_the_middle_of_a_run_loses_nothing(
    server: Server, worker: "subprocess.Popen[bytes]", project: Project, alice: Account
) -> None:
    devices = Senders([make_claimed_device(project=project) for _ in range(3)], alice, SEED)
    devices.upload(5)
    wait_until(lambda: count_processed_reports() > 2, what="the worker is at work")
    devices.upload(15)

    server.kill()
    devices.upload(10)
    server.start_again()
    devices.upload(5)
    send_what_the_outbox_kept()
    give_waiting_reports_a_job(server)

    wait_until(nothing_waits, what="all reports are processed", seconds=40)
    worker.terminate()
    assert worker.wait(30) == 0
    assert_all_stored(devices)


def send_what_the_outbox_kept() -> None:
    """As the sweeper does, half a minute later."""
    OutboxMessage.objects.update(created_on=timezone.now() - timedelta(minutes=1))
    wait_until(outbox_is_swept, what="the queue takes messages again")


def outbox_is_swept() -> bool:
    try:
        sweep_outbox(limit=1000)
    except Unavailable:
        return False
    return not OutboxMessage.objects.filter(
        sent_on=None
    ).exists()  # the worker's own sweeper may hold some of them for a moment


def give_waiting_reports_a_job(server: Server) -> None:
    """As the periodic job does, a quarter of an hour later. A queue that keeps its messages must
    not need it."""
    if not server.durable:
        requeue_waiting_reports(posted_before=timezone.now() + LATE_AFTER, limit=1000)


def nothing_waits() -> bool:
    return not StreamerReport.objects.filter(status=StreamerReport.Status.RECEIVED).exists()
