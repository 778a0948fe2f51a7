import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from structlog.testing import capture_logs

from chaos.harness.servers import RedisServer, running_redis
from server.core import live
from server.core.cache import RedisDown, async_client
from server.core.errors import Unavailable
from server.core.live import publish, subscribe
from server.core.outage import Outage

NOBODY = "redis://127.0.0.1:1/0"

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def fresh_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without the memory of an outage."""
    monkeypatch.setattr(live, "outage", Outage("live push is down"))


def test_a_subscriber_hears_what_is_published() -> None:
    async def scenario() -> Any:
        async with aclosing(subscribe("device:d--1")) as messages:
            await anext(messages)
            await asyncio.to_thread(publish, "device:d--1", {"stored": 3, "name": "Zähler"})
            return await anext(messages)

    assert asyncio.run(scenario()) == {"stored": 3, "name": "Zähler"}


def test_a_subscriber_hears_nothing_of_other_channels() -> None:
    async def scenario() -> Any:
        async with aclosing(subscribe("device:d--1", heartbeat_seconds=0.2)) as messages:
            await anext(messages)
            await asyncio.to_thread(publish, "device:d--2", {"stored": 3})
            return await anext(messages)

    assert asyncio.run(scenario()) is None


def test_messages_come_in_order() -> None:
    async def scenario() -> list[Any]:
        async with aclosing(subscribe("many")) as messages:
            await anext(messages)
            for number in range(20):
                await asyncio.to_thread(publish, "many", {"number": number})
            return [await anext(messages) for _ in range(20)]

    assert asyncio.run(scenario()) == [{"number": number} for number in range(20)]


def test_a_quiet_channel_has_a_heartbeat() -> None:
    async def scenario() -> list[Any]:
        async with aclosing(subscribe("quiet", heartbeat_seconds=0.05)) as messages:
            return [await anext(messages) for _ in range(3)]

    assert asyncio.run(scenario()) == [None, None, None]


def test_publishing_never_fails(settings: Settings) -> None:
    settings.REDIS_URL = NOBODY

    with capture_logs() as logs:
        publish("device:d--1", {"stored": 3})

    assert [entry["event"] for entry in logs] == ["live push is down"]


def test_an_outage_is_logged_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = NOBODY
    monkeypatch.setattr(live, "outage", Outage("live push is down", retry_after_s=0))

    with capture_logs() as logs:
        for _ in range(5):
            publish("device:d--1", {"stored": 3})

    assert len(logs) == 1


def test_publishing_works_again_after_an_outage(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "outage", Outage("live push is down", retry_after_s=0))
    address = settings.REDIS_URL
    settings.REDIS_URL = NOBODY
    publish("device:d--1", {"stored": 1})
    settings.REDIS_URL = address

    async def scenario() -> Any:
        async with aclosing(subscribe("device:d--1")) as messages:
            await anext(messages)
            await asyncio.to_thread(publish, "device:d--1", {"stored": 2})
            return await anext(messages)

    assert asyncio.run(scenario()) == {"stored": 2}


def test_during_an_outage_nobody_waits_for_redis(settings: Settings) -> None:
    address = settings.REDIS_URL

    async def scenario() -> Any:
        async with aclosing(subscribe("device:d--1", heartbeat_seconds=0.2)) as messages:
            await anext(messages)
            settings.REDIS_URL = NOBODY
            await asyncio.to_thread(publish, "device:d--1", {"stored": 1})
            settings.REDIS_URL = address
            await asyncio.to_thread(publish, "device:d--1", {"stored": 2})
            return await anext(messages)

    assert asyncio.run(scenario()) is None


def test_subscribing_raises_while_redis_is_down(settings: Settings) -> None:
    settings.REDIS_URL = NOBODY

    async def scenario() -> None:
        async with aclosing(subscribe("device:d--1")) as messages:
            await anext(messages)

    with pytest.raises(Unavailable):
        asyncio.run(scenario())


def test_a_subscriber_gets_an_error_when_redis_goes_down(tmp_path: Path, settings: Settings) -> None:
    async def scenario(redis: RedisServer) -> None:
        async with aclosing(subscribe("device:d--1", heartbeat_seconds=0.2)) as messages:
            await anext(messages)
            redis.kill()
            for _ in range(10):
                await anext(messages)

    with running_redis(tmp_path / "redis") as redis:
        settings.REDIS_URL = redis.url
        with pytest.raises(RedisDown):
            asyncio.run(scenario(redis))


def test_the_async_client_reaches_redis() -> None:
    async def scenario() -> Any:
        redis = async_client()
        try:
            return await redis.echo("here")
        finally:
            await redis.aclose()

    assert asyncio.run(scenario()) == b"here"
