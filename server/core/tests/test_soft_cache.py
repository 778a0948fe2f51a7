"""The default cache: Redis, and a miss for everything without it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from pytest_django import Settings
from structlog.testing import capture_logs

from server.core import soft_cache
from server.core.outage import Outage
from server.core.soft_cache import SoftRedisCache

NOBODY = "redis://127.0.0.1:1/0"

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def fresh_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without the memory of an outage."""
    monkeypatch.setattr(soft_cache, "outage", Outage("the cache is down", retry_after_s=0))


@pytest.fixture
def cache() -> BaseCache:
    caches["default"].clear()
    return caches["default"]


@pytest.fixture
def down() -> SoftRedisCache:
    return SoftRedisCache(NOBODY, {})


@pytest.mark.parametrize("value", [0, 7, 1.5, True, "Zähler", [1, {"a": None}]])
def test_what_is_set_is_there(cache: BaseCache, value: object) -> None:
    cache.set("a", value)

    assert cache.get("a") == value
    assert cache.get_many(["a", "b"]) == {"a": value}


def test_counting_and_adding_are_redis_own(cache: BaseCache) -> None:
    added = [cache.add("a", 1), cache.add("a", 2)]

    assert added == [True, False]
    assert cache.incr("a") == 2


def test_nothing_is_pickled(cache: BaseCache) -> None:
    with pytest.raises(TypeError):
        cache.set("a", object())


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda cache: cache.get("a", 7), 7),
        (lambda cache: cache.get_or_set("a", 7), 7),
        (lambda cache: cache.get_many(["a"]), {}),
        (lambda cache: cache.set("a", 1), None),
        (lambda cache: cache.set_many({"a": 1}), []),
        (lambda cache: cache.add("a", 1), True),
        (lambda cache: cache.touch("a"), False),
        (lambda cache: cache.has_key("a"), False),
        (lambda cache: cache.delete("a"), False),
        (lambda cache: cache.delete_many(["a"]), None),
        (lambda cache: cache.clear(), True),
    ],
)
def test_everything_is_a_miss_while_redis_is_down(
    down: SoftRedisCache, call: Callable[[BaseCache], Any], answer: object
) -> None:
    assert call(down) == answer


def test_a_counter_is_not_there_while_redis_is_down(down: SoftRedisCache) -> None:
    with pytest.raises(ValueError, match="not found"):
        down.incr("a")


def test_an_outage_is_logged_once(down: SoftRedisCache) -> None:
    with capture_logs() as logs:
        for _ in range(5):
            down.get("a")

    assert [entry["event"] for entry in logs] == ["the cache is down"]


def test_nobody_waits_for_redis_during_an_outage(
    cache: BaseCache, down: SoftRedisCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soft_cache, "outage", Outage("the cache is down"))
    cache.set("a", 1)
    down.get("a")

    assert cache.get("a") is None


def test_the_cache_is_back_after_an_outage(cache: BaseCache, down: SoftRedisCache) -> None:
    cache.set("a", 1)
    down.get("a")

    assert cache.get("a") == 1


def test_the_settings_name_it(settings: Settings) -> None:
    assert isinstance(caches["default"], SoftRedisCache)
