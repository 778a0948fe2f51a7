"""A pytest plugin: which tests stay in one process when `./inv test` runs several, and which come
first."""

from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TOGETHER: Final = (
    "webapp/tests/browser/",
    "stack/tests/test_documents.py",
    "webapp/tests/clients/",
    "server/config/tests/test_tenancy.py",
    "server/config/tests/test_rights.py",
    "server/config/tests/test_documented.py",
)
"""Tests that share something costly, so one process runs all of them. The longest come first:
otherwise one would run last, alone."""


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> "Scheduler":
    return Scheduler(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs after pytest-randomly and pytest-django, whose order is kept for all other tests."""
    items.sort(key=lambda item: place_of(item.nodeid))


def place_of(nodeid: str) -> int:
    matching = (place for place, path in enumerate(TOGETHER) if nodeid.startswith(path))
    return next(matching, len(TOGETHER))


class Scheduler(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """pytest-xdist's own `--dist loadgroup` changes the ids of tests, and pytest 9.2 does not let
    it."""

    def _split_scope(self, nodeid: str) -> str:
        """A scope, which one process runs as a whole, is one of TOGETHER or a single test."""
        return (*TOGETHER, nodeid)[place_of(nodeid)]
