"""Counters and locks between processes that come at the same moment."""

from functools import partial

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from server.core import limits
from server.core.durable import durable_cache
from server.core.errors import LimitReached
from server.core.tests.committed import at_once, committed

__all__ = ["committed"]
pytestmark = pytest.mark.integration


def test_of_eight_that_add_an_entry_at_once_one_does(db: None) -> None:
    added = at_once(*[partial(durable_cache.add, "lock", number, timeout=60) for number in range(1, 9)])

    assert added.count(True) == 1


def test_of_eight_uses_at_once_as_many_count_as_the_limit_has(db: None, settings: Settings) -> None:
    settings.REST_FRAMEWORK = {**configured.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"claim": "3/hour"}}

    outcomes = at_once(*[partial(limits.count, "claim", "alice")] * 8)

    assert [type(outcome) for outcome in outcomes].count(LimitReached) == 5
