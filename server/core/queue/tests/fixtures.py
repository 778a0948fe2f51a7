"""Fixtures for tests of the queue and of the worker."""

import itertools
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.backends.postgres import PostgresQueue
from server.core.queue.backends.sqs import SqsQueue
from server.core.queue.contract import Delivery, Message, Queue
from stack.ports import HOST
from stack.servers import elasticmq

TABLES = (
    "core_job",
    "core_deadjob",
    "core_joblog",
    "core_outboxmessage",
    "core_periodicrun",
    "core_workerprocess",
    "core_queuepause",
)

numbers = itertools.count(1)


@dataclass
class QueueSetup:
    """A queue, and what only tests do with it."""

    queue: Queue
    send_body: Callable[[str], object]
    """Puts any text there, as another program could."""
    pass_seconds: Callable[[float], object]
    """Really waits only where the clock cannot be moved."""


@pytest.fixture(
    params=[
        "memory",
        pytest.param("postgres", marks=pytest.mark.integration),
        pytest.param("elasticmq", marks=pytest.mark.integration),
    ]
)
def queue_setup(request: pytest.FixtureRequest) -> Iterator[QueueSetup]:
    """Each back end."""
    with _queue_setup(request) as made:
        yield made


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def ordered_queue_setup(request: pytest.FixtureRequest) -> Iterator[QueueSetup]:
    """Each back end that keeps the order of a key."""
    with _queue_setup(request) as made:
        yield made


@contextmanager
def _queue_setup(request: pytest.FixtureRequest) -> Iterator[QueueSetup]:
    if request.param == "memory":
        yield _memory_setup()
        return
    request.getfixturevalue("queue_tables")
    if request.param == "postgres":
        with closing(PostgresQueue()) as queue:
            yield QueueSetup(queue, _insert_body, _pass_in_postgres)
        return
    yield _sqs_setup(request.getfixturevalue("sqs_endpoint"))


class FakeClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def pass_seconds(self, seconds: float) -> None:
        self.now_s += seconds


def _memory_setup() -> QueueSetup:
    clock = FakeClock()
    queue = MemoryQueue(clock=clock)
    return QueueSetup(queue, queue.send_body, clock.pass_seconds)


def _insert_body(body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_job (body) VALUES (%s)", [body])


def _pass_in_postgres(seconds: float) -> None:
    """The rows move, since the database's clock does not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_job SET available_on = available_on - make_interval(secs => %s)", [seconds]
        )


def _sqs_setup(endpoint: str) -> QueueSetup:
    name = f"queue-{next(numbers)}"
    queue = SqsQueue(name=name, region="us-east-1", endpoint=endpoint)
    client = boto3.client("sqs", region_name="us-east-1", endpoint_url=endpoint)
    url = client.create_queue(QueueName=name)["QueueUrl"]
    return QueueSetup(queue, lambda body: client.send_message(QueueUrl=url, MessageBody=body), _wait)


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


@pytest.fixture
def queue_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Allows real commits, which other connections see. Only the queue's tables are emptied
    afterwards: flushing the whole database would delete the built-in rows of the apps."""
    with django_db_blocker.unblock():
        _empty()
        yield
        _empty()
        connections.close_all()


def _empty() -> None:
    """DELETE, since TRUNCATE creates new files and waits for the disk. Only in a test database."""
    assert connection.settings_dict["NAME"].startswith("test_")
    with connection.cursor() as cursor:
        cursor.execute(";".join(f"DELETE FROM {table}" for table in TABLES))


@pytest.fixture(scope="session")
def aws_keys() -> Iterator[None]:
    """Any value: boto3 requires keys, and ElasticMQ ignores them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        yield


@pytest.fixture(scope="session")
def sqs_endpoint(aws_keys: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Returns the address of an ElasticMQ for all tests; each uses a queue with another name."""
    with running_elasticmq(tmp_path_factory.mktemp("elasticmq"), free_port(), durable=False) as server:
        yield server.address


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """An ElasticMQ that a test may kill and start again."""

    folder: Path
    port: int
    durable: bool
    process: "subprocess.Popen[bytes]"

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        self.process = elasticmq.start(self.folder, self.port, durable=self.durable)


@contextmanager
def running_elasticmq(folder: Path, port: int, *, durable: bool) -> Iterator[Server]:
    if elasticmq.JARS_VARIABLE not in os.environ:
        pytest.skip("ElasticMQ needs Java and Maven, and ./inv test to fetch it.")
    server = Server(folder, port, durable, elasticmq.start(folder, port, durable=durable))
    try:
        yield server
    finally:
        server.kill()


def message(key: str = "", **arguments: object) -> Message:
    """A valid message; its id is a number that grows."""
    return Message(id=str(next(numbers)), action="test", arguments=arguments, key=key)


def take(queue: Queue, *, wait_seconds: float = 0, visible: int = 60) -> Delivery | None:
    """One delivery, or None."""
    taken = queue.receive(most=1, wait_seconds=wait_seconds, visible_after_seconds=visible)
    return taken[0] if taken else None


def take_surely(queue: Queue, *, visible: int = 60) -> Delivery:
    """One delivery, within five seconds."""
    for _ in range(5):
        delivery = take(queue, wait_seconds=1, visible=visible)
        if delivery is not None:
            return delivery
    raise AssertionError("Nothing came within five seconds.")


def ids(deliveries: list[Delivery]) -> list[str]:
    return [delivery.message.id if delivery.message else "" for delivery in deliveries]
