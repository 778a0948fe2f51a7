"""The one place that knows the Redis client.

Redis carries live push and nothing that may not be lost. It can be unavailable: calls fail within seconds, as RedisDown.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from server.core.errors import Unavailable

CONNECT_TIMEOUT_S: Final = 0.5
SOCKET_TIMEOUT_S: Final = 2.0
PING_EVERY_S: Final = 15


class RedisDown(Unavailable):
    """Live updates are not reachable right now."""


def client() -> redis.Redis:
    """One for each process and address; its pool makes a connection for each thread that needs one."""
    return _client(settings.REDIS_URL)


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 1), **_timeouts())


def async_client() -> redis.asyncio.Redis:
    """A new one for each caller: it belongs to the event loop that it is used in. Close it with `aclose`."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, retry=redis.asyncio.retry.Retry(NoBackoff(), 0), **_timeouts()
    )


def _timeouts() -> dict[str, Any]:
    return {
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "socket_timeout": SOCKET_TIMEOUT_S,
        "health_check_interval": PING_EVERY_S,
    }


@contextmanager
def redis_errors() -> Iterator[None]:
    """Whatever the client raises inside comes out as RedisDown."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise RedisDown() from error
