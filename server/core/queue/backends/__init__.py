"""Which queue this process uses. The table has import paths, so that boto3 is loaded only where it
is used."""

from functools import cache
from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from server.core.queue.contract import Queue

BACKENDS: Final = {
    "postgres": "server.core.queue.backends.postgres.PostgresQueue",
    "sqs": "server.core.queue.backends.sqs.SqsQueue",
    "memory": "server.core.queue.backends.memory.MemoryQueue",
}


def current_queue() -> Queue:
    """Returns the queue of this process and its settings."""
    return _create_queue(
        settings.QUEUE_BACKEND, settings.SQS_URL, settings.SQS_QUEUE_NAME, settings.AWS_REGION
    )


def new_queue() -> Queue:
    """Returns a new queue for one loop: each thread of a worker waits on a connection of its own.
    There is only one queue in memory."""
    if settings.QUEUE_BACKEND == "memory":
        return current_queue()
    return _create_queue.__wrapped__(
        settings.QUEUE_BACKEND, settings.SQS_URL, settings.SQS_QUEUE_NAME, settings.AWS_REGION
    )


@cache
def _create_queue(backend: str, endpoint: str, name: str, region: str) -> Queue:
    if backend not in BACKENDS:
        raise ImproperlyConfigured(f"QUEUE_BACKEND is {backend!r}; it takes {', '.join(BACKENDS)}.")
    arguments: dict[str, Any] = {}
    if backend == "sqs":
        arguments = {"name": name, "region": region, "endpoint": endpoint}
    return cast(Queue, import_string(BACKENDS[backend])(**arguments))
