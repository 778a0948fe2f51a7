"""Limits count uses of one by one, and let them go when they are old enough."""

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from server.core import limits
from server.core.durable import DurableEntry
from server.core.errors import LimitReached

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def low_limits(settings: Settings) -> None:
    rates = {"claim": "3/min", "key": "1/hour", "upload": None}
    settings.REST_FRAMEWORK = {**configured.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}


def is_free(scope: str, who: str) -> bool:
    try:
        limits.count(scope, who)
    except LimitReached:
        return False
    return True


def test_uses_are_counted_up_to_the_limit() -> None:
    assert [is_free("claim", "alice") for _ in range(5)] == [True, True, True, False, False]


def test_scopes_and_people_are_counted_apart() -> None:
    assert [is_free("key", "alice"), is_free("key", "bob"), is_free("claim", "alice")] == [True] * 3


def test_a_refusal_says_how_long_to_wait() -> None:
    limits.count("key", "alice")

    with pytest.raises(LimitReached) as refusal:
        limits.count("key", "alice")

    assert 3500 < refusal.value.retry_after_s <= 3600


def test_an_old_use_makes_room() -> None:
    for _ in range(3):
        limits.count("claim", "alice")
    entry = DurableEntry.objects.get()
    entry.value[0] -= 61
    entry.save()

    assert [is_free("claim", "alice"), is_free("claim", "alice")] == [True, False]


def test_a_use_that_was_none_is_taken_back() -> None:
    for _ in range(5):
        limits.count("claim", "alice")
        limits.uncount("claim", "alice")

    assert is_free("claim", "alice")


def test_a_scope_without_a_rate_has_no_limit() -> None:
    assert all(is_free("upload", "alice") for _ in range(50))
    assert not DurableEntry.objects.exists()
