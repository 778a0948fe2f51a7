"""Live push: messages for open pages, over Redis. Publishing never fails; subscribing raises
Unavailable while Redis is down.

Messages are not kept: a page asks for what it missed when it reconnects.
"""

import json
from collections.abc import AsyncGenerator
from typing import Any, Final

from redis.asyncio.client import PubSub

from server.core.cache import RedisDown, async_client, client, redis_errors
from server.core.outage import Outage

PREFIX: Final = "live:"
HEARTBEAT_S: Final = 15.0
CONFIRM_WITHIN_S: Final = 2.0


outage = Outage("live push is down")


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
