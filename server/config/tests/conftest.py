"""One installation for all tests of a module, and counts of what they did."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction
from pytest_django import DjangoDbBlocker

from server.config.tests.callers import Installation, make_installation


@pytest.fixture
def walked(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """Returns counters for a test; the root `conftest.py` prints their sums after the tests."""
    counted: Counter[str] = Counter()
    yield counted
    request.node.user_properties.extend(counted.items())


@pytest.fixture(scope="module")
def installation(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Installation]:
    """In a transaction that is never committed. A test that writes rolls back to a savepoint: see
    `send`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SIGNUP_OPEN", True)
        with django_db_blocker.unblock(), transaction.atomic(), transaction.atomic(using="streamdata"):
            yield make_installation()
            transaction.set_rollback(True)
            transaction.set_rollback(True, using="streamdata")
