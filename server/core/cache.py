"""The Redis client. Redis carries live push and the default cache (`soft_cache`): nothing that may
not be lost. While it is down, calls raise RedisDown within seconds."""

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
    """Live updates are unavailable right now."""


def client() -> redis.Redis:
    """Returns the client of this process and address. Its pool opens a connection for each thread
    that needs one."""
    return _client(settings.REDIS_URL)


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 1), **timeouts())


def async_client() -> redis.asyncio.Redis:
    """Returns a new client: it belongs to the event loop it is used in. The caller closes it with
    `aclose`."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, retry=redis.asyncio.retry.Retry(NoBackoff(), 0), **timeouts()
    )


def timeouts() -> dict[str, Any]:
    return {
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "socket_timeout": SOCKET_TIMEOUT_S,
        "health_check_interval": PING_EVERY_S,
    }


@contextmanager
def redis_errors() -> Iterator[None]:
    """Translate what the client raises inside to RedisDown."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise RedisDown() from error
