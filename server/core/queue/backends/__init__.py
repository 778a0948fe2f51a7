"""Which queue this process uses. The table has import paths, so that boto3 is loaded only where it
is used."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from server.core.lanes import Lane
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


def new_queue(*, lanes: Sequence[Lane] = tuple(Lane)) -> Queue:
    """Returns a new queue for one loop, which receives from these lanes: each thread of a worker
    waits on a connection of its own. There is only one queue in memory, and its jobs wait in one
    lane."""
    if settings.QUEUE_BACKEND == "memory":
        return current_queue()
    return _create_queue.__wrapped__(
        settings.QUEUE_BACKEND, settings.SQS_URL, settings.SQS_QUEUE_NAME, settings.AWS_REGION, lanes
    )


@cache
def _create_queue(
    backend: str, endpoint: str, name: str, region: str, lanes: Sequence[Lane] = tuple(Lane)
) -> Queue:
    if backend not in BACKENDS:
        raise ImproperlyConfigured(f"QUEUE_BACKEND is {backend!r}; it takes {', '.join(BACKENDS)}.")
    arguments: dict[str, Any] = {} if backend == "memory" else {"lanes": lanes}
    if backend == "sqs":
        arguments |= {"name": name, "region": region, "endpoint": endpoint}
    return cast(Queue, import_string(BACKENDS[backend])(**arguments))
