"""Which queue this process uses: one visible table. Paths, so that nobody loads boto3 who does not need it."""

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
    """One for each process and setting."""
    return _create_queue(
        settings.QUEUE_BACKEND, settings.SQS_URL, settings.SQS_QUEUE_NAME, settings.AWS_REGION
    )


def new_queue() -> Queue:
    """One for a single loop: the threads of a worker wait on a connection each. The queue in memory is in one place only."""
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
