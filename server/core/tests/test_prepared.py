"""Prepared statements: once for each connection, and the same answers as without."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from pytest_django import DjangoAssertNumQueries, Settings

from server.core.prepared import Prepared, PreparedByName

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

SUM = Prepared("SELECT $1::int + $2::int, '5%'")


def prepared_in(cursor: CursorWrapper) -> int:
    cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'fieldline%'")
    return int(cursor.fetchone()[0])


def asked(cursor: CursorWrapper, statement: Prepared, *values: Any) -> Any:
    cursor.execute(statement.bind(cursor, values))
    return cursor.fetchall()


@pytest.fixture
def other() -> Iterator[BaseDatabaseWrapper]:
    """A new connection to the core database."""
    copied = connections["default"].copy()
    copied.ensure_connection()
    yield copied
    copied.close()


def test_a_statement_is_prepared_once_for_a_connection(other: BaseDatabaseWrapper) -> None:
    with other.cursor() as cursor:
        assert [asked(cursor, SUM, 1, 2), asked(cursor, SUM, 3, 4)] == [[(3, "5%")], [(7, "5%")]]

        assert prepared_in(cursor) == 1


def test_a_new_connection_prepares_it_again(other: BaseDatabaseWrapper) -> None:
    with other.cursor() as cursor:
        asked(cursor, SUM, 1, 2)
    other.close()

    with other.cursor() as cursor:
        assert asked(cursor, SUM, 1, 2) == [(3, "5%")]


def test_what_was_prepared_in_a_transaction_that_failed_is_still_known(other: BaseDatabaseWrapper) -> None:
    other.set_autocommit(False)
    with other.cursor() as cursor:
        asked(cursor, SUM, 1, 2)
    other.rollback()
    other.set_autocommit(True)

    with other.cursor() as cursor:
        assert asked(cursor, SUM, 1, 2) == [(3, "5%")]


def test_preparing_is_not_one_of_the_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fresh = Prepared("SELECT $1::int * 2")

    with django_assert_num_queries(1), connections["default"].cursor() as cursor:
        assert asked(cursor, fresh, 4) == [(8,)]


def test_a_statement_that_is_wrong_is_an_error_of_the_database() -> None:
    wrong = Prepared("SELECT nothing FROM nowhere")

    with pytest.raises(ProgrammingError), transaction.atomic(), connections["default"].cursor() as cursor:
        asked(cursor, wrong)


def test_values_are_quoted(other: BaseDatabaseWrapper) -> None:
    echo = Prepared("SELECT $1::text")

    with other.cursor() as cursor:
        assert asked(cursor, echo, "'); DROP TABLE core_job; -- %s $1") == [
            ("'); DROP TABLE core_job; -- %s $1",)
        ]


def test_without_prepared_statements_the_answers_are_the_same(
    other: BaseDatabaseWrapper, settings: Settings
) -> None:
    settings.PREPARED_STATEMENTS = False

    with other.cursor() as cursor:
        assert asked(cursor, SUM, 1, 2) == [(3, "5%")]
        assert prepared_in(cursor) == 0


def test_a_parameter_by_name_may_stand_twice(other: BaseDatabaseWrapper) -> None:
    twice = PreparedByName("SELECT %(a)s::int + %(b)s::int + %(a)s::int, 7 %% 4")

    with other.cursor() as cursor:
        cursor.execute(twice.bind(cursor, {"b": 10, "a": 1, "more": None}))
        assert cursor.fetchall() == [(12, 3)]
