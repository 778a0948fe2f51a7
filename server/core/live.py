"""Live push: messages for open pages, over Redis. Publishing never fails; subscribing raises
Unavailable while Redis is down.

Messages are not kept: a page asks for what it missed when it reconnects.
"""

import json
import time
from collections.abc import AsyncGenerator
from typing import Any, Final

import structlog
from redis.asyncio.client import PubSub

from server.core.cache import RedisDown, async_client, client, redis_errors

log = structlog.get_logger(__name__)

PREFIX: Final = "live:"
HEARTBEAT_S: Final = 15.0
CONFIRM_WITHIN_S: Final = 2.0
RETRY_AFTER_S: Final = 2.0  # after a failure: no publisher waits for Redis earlier than that
WARN_EVERY_S: Final = 60.0


class Outage:
    """An outage of Redis as this process knows it: when to try again, and when to log the next
    warning."""

    def __init__(self) -> None:
        self._retry_at_s = 0.0
        self._warn_at_s = 0.0

    def is_over(self) -> bool:
        return time.monotonic() >= self._retry_at_s

    def record_failure(self, error: Exception) -> None:
        now = time.monotonic()
        self._retry_at_s = now + RETRY_AFTER_S
        if now >= self._warn_at_s:
            self._warn_at_s = now + WARN_EVERY_S
            log.warning("live push is down", reason=repr(error.__cause__))


outage = Outage()


def publish(channel: str, message: dict[str, Any]) -> None:
    """Send a message to every page that is subscribed to this channel now. Does nothing while Redis
    is unavailable."""
    if not outage.is_over():
        return
    try:
        with redis_errors():
            client().publish(PREFIX + channel, json.dumps(message, separators=(",", ":")))
    except RedisDown as error:
        outage.record_failure(error)


async def subscribe(
    channel: str, *, heartbeat_seconds: float = HEARTBEAT_S
) -> AsyncGenerator[dict[str, Any] | None, None]:
    """Yields messages as they arrive, and None after each `heartbeat_seconds` without one. The
    first item is None: from then on no message is missed. Raises Unavailable when Redis is
    unavailable, at the start or later.
    """
    redis = async_client()
    try:
        pubsub = redis.pubsub()
        with redis_errors():
            await pubsub.subscribe(PREFIX + channel)
            await _wait_for_confirmation(pubsub)
        yield None
        while True:
            with redis_errors():
                item = await pubsub.get_message(ignore_subscribe_messages=True, timeout=heartbeat_seconds)
            yield None if item is None else json.loads(item["data"])
    finally:
        await redis.aclose()


async def _wait_for_confirmation(pubsub: PubSub) -> None:
    """Wait until Redis confirms the subscription. Raises RedisDown when it does not in time."""
    item = await pubsub.get_message(timeout=CONFIRM_WITHIN_S)
    if item is None or item["type"] != "subscribe":
        raise RedisDown()
