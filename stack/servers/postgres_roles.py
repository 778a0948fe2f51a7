"""The roles of the embedded PostgreSQL: the superuser `postgres`, for the stack only, and the owner
of the two databases."""

from collections.abc import Callable
from contextlib import closing

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from stack.settings import DATABASES, USER, Secrets

ADMIN = "postgres"
Connect = Callable[[str, str, str], Connection]
"""Role, password, database."""


def make_databases(connect: Connect, secrets: Secrets) -> None:
    """Make the role and its databases where they are missing."""
    with closing(connect(ADMIN, secrets.postgres_admin, "postgres")) as connection:
        connection.set_session(autocommit=True)  # CREATE DATABASE cannot be in a transaction
        with connection.cursor() as cursor:
            if not _rows(cursor, "SELECT FROM pg_roles WHERE rolname = %s", USER):
                cursor.execute(_statement("CREATE ROLE {} LOGIN PASSWORD %s", USER), [secrets.postgres])
            existing = {row[0] for row in _rows(cursor, "SELECT datname FROM pg_database")}
            for name in DATABASES:
                if name not in existing:
                    cursor.execute(_statement("CREATE DATABASE {} OWNER {}", name, USER))


def allow_tests(connect: Connect, secrets: Secrets) -> None:
    """Allow the role to make databases (tests) and checkpoints (benchmarks)."""
    with (
        closing(connect(ADMIN, secrets.postgres_admin, "postgres")) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_statement("ALTER ROLE {} CREATEDB", USER))
        cursor.execute(_statement("GRANT pg_checkpoint TO {}", USER))


def _rows(cursor: Cursor, statement: str, *values: str) -> list[tuple[str, ...]]:
    cursor.execute(statement, values)
    return cursor.fetchall()


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))
