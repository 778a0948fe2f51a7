"""One world for all tests of a module, and at the end how much was walked."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from django.conf import settings
from django.db import transaction
from pytest_django import DjangoDbBlocker

from server.config.tests.callers import World, make_world

WALKED: Final = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[WALKED] = Counter()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for what, count in sorted(config.stash[WALKED].items()):
        terminalreporter.write_line(f"{what}: {count}")


@pytest.fixture(scope="session")
def walked(pytestconfig: pytest.Config) -> Counter[str]:
    """Add to it what was counted: it is printed after the tests."""
    return pytestconfig.stash.setdefault(WALKED, Counter())


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """In a transaction that is never committed. A test that writes puts a savepoint around it: see `send`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SIGNUP_OPEN", True)
        with django_db_blocker.unblock(), transaction.atomic(), transaction.atomic(using="streamdata"):
            yield make_world()
            transaction.set_rollback(True)
            transaction.set_rollback(True, using="streamdata")
