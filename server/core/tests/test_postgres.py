"""A connection that the server ended is found out before the next request uses it."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def other() -> Iterator[BaseDatabaseWrapper]:
    """A second connection to the core database."""
    copied = connections["default"].copy()
    copied.ensure_connection()
    yield copied
    copied.close()


def test_a_good_connection_is_usable(other: BaseDatabaseWrapper) -> None:
    assert other.is_usable()


def test_a_connection_that_the_server_ended_is_not_usable(other: BaseDatabaseWrapper) -> None:
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()

    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

    assert not other.is_usable()
