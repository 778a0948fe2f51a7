import pytest

from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.tests.fixtures import aws_keys, queue_tables, sqs_endpoint
from worker.tests.jobs import notes

__all__ = ["aws_keys", "queue_tables", "sqs_endpoint"]


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


@pytest.fixture(autouse=True)
def clear_notes() -> None:
    notes.clear()
