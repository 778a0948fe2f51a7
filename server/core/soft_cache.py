"""The default cache: Redis, and a miss for everything while that is down. Nothing that may not be
forgotten: `durable` is for that."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.retry import Retry

from server.core.cache import RedisDown, redis_errors, timeouts
from server.core.outage import Outage

_TIMEOUT_S: Final = 0.5

outage = Outage("the cache is down")


class _JsonSerializer:
    """Django's own unpickles: whoever can write to Redis would run code here."""

    def dumps(self, value: Any) -> str:
        return json.dumps(value)

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


def _soft(method: Callable[..., Any], *, missed: Any) -> Callable[..., Any]:
    """Returns the method with an answer for an outage."""

    @wraps(method)
    def ask(*arguments: Any) -> Any:
        if not outage.is_over():
            return missed
        try:
            with redis_errors():
                return method(*arguments)
        except RedisDown as error:
            outage.record_failure(error)
            return missed

    return ask


class _SoftClient(RedisCacheClient):
    """While Redis is down each method answers as Django's dummy cache does."""

    add = _soft(RedisCacheClient.add, missed=True)
    set = _soft(RedisCacheClient.set, missed=None)
    touch = _soft(RedisCacheClient.touch, missed=False)
    delete = _soft(RedisCacheClient.delete, missed=False)
    has_key = _soft(RedisCacheClient.has_key, missed=False)
    get_many = _soft(RedisCacheClient.get_many, missed={})
    set_many = _soft(RedisCacheClient.set_many, missed=None)
    delete_many = _soft(RedisCacheClient.delete_many, missed=None)
    clear = _soft(RedisCacheClient.clear, missed=True)

    def get(self, key: Any, default: Any = None) -> Any:
        return _soft(super().get, missed=default)(key, default)

    def incr(self, key: Any, delta: int | None = 1) -> int:
        """Raises ValueError, as for a key that is not there."""
        counted: int | None = _soft(super().incr, missed=None)(key, delta)
        if counted is None:
            raise ValueError(f"Key {key!r} not found")
        return counted


class SoftRedisCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # A miss is better than a long wait, or a second one.
        quick = {**timeouts(), "socket_timeout": _TIMEOUT_S, "retry": Retry(NoBackoff(), 0)}
        quick["serializer"] = _JsonSerializer
        super().__init__(server, {**params, "OPTIONS": {**quick, **params.get("OPTIONS", {})}})
        self._class = _SoftClient
