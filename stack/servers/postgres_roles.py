"""Who is who in the embedded PostgreSQL: the superuser `postgres`, which the stack alone uses, and the role of the programs, which
owns the two databases and is no superuser."""

from collections.abc import Callable
from contextlib import closing

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from stack.settings import DATABASES, USER, Secrets

ADMIN = "postgres"
HELPER = "fieldline_upgrade"  # for the moment in which the superuser changes its name, which nobody can do for itself
Connect = Callable[[str, str, str], Connection]
"""Role, password, database."""

# What the superuser owns among our tables. A sequence of a column goes with its table.
FOREIGN_RELATIONS = """
    SELECT format('%%I.%%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'S', 'v', 'm') AND c.relowner <> %s::regrole
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                      AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
"""


def make_databases(connect: Connect, secrets: Secrets) -> None:
    """The role and its databases, where they are missing."""
    with closing(connect(ADMIN, secrets.postgres_admin, "postgres")) as connection:
        connection.set_session(autocommit=True)  # CREATE DATABASE cannot be in a transaction
        with connection.cursor() as cursor:
            if not _rows(cursor, "SELECT FROM pg_roles WHERE rolname = %s", USER):
                cursor.execute(_create_role(), [secrets.postgres])
            rows = _rows(cursor, "SELECT datname, datdba::regrole::text FROM pg_database")
            owners = {row[0]: row[1] for row in rows}
            for name in DATABASES:
                if name not in owners:
                    cursor.execute(_statement("CREATE DATABASE {} OWNER {}", name, USER))
                elif owners[name] != USER:
                    _give_over(connect, secrets, name)
                    cursor.execute(_statement("ALTER DATABASE {} OWNER TO {}", name, USER))
            cursor.execute(_statement("DROP ROLE IF EXISTS {}", HELPER))


def demote(connect: Connect, secrets: Secrets) -> None:
    """For data of before 0.1, whose one role was the superuser: that one becomes `postgres`, and the programs get their own."""
    with closing(connect(USER, secrets.postgres, "postgres")) as connection:
        connection.set_session(autocommit=True)
        with connection.cursor() as cursor:
            cursor.execute(_statement("DROP ROLE IF EXISTS {}", HELPER))
            cursor.execute(
                _statement("CREATE ROLE {} LOGIN SUPERUSER PASSWORD %s", HELPER), [secrets.postgres_admin]
            )
    with (
        closing(connect(HELPER, secrets.postgres_admin, "postgres")) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_statement("ALTER ROLE {} RENAME TO {}", USER, ADMIN))
        cursor.execute(_statement("ALTER ROLE {} PASSWORD %s", ADMIN), [secrets.postgres_admin])
        cursor.execute(_create_role(), [secrets.postgres])


def allow_tests(connect: Connect, secrets: Secrets) -> None:
    """Tests make databases of their own; benchmarks ask for a checkpoint before they measure."""
    with (
        closing(connect(ADMIN, secrets.postgres_admin, "postgres")) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_statement("ALTER ROLE {} CREATEDB", USER))
        cursor.execute(_statement("GRANT pg_checkpoint TO {}", USER))


def _create_role() -> sql.Composed:
    return _statement("CREATE ROLE {} LOGIN PASSWORD %s", USER)


def _give_over(connect: Connect, secrets: Secrets, database: str) -> None:
    with (
        closing(connect(ADMIN, secrets.postgres_admin, database)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        for (name,) in _rows(cursor, FOREIGN_RELATIONS, USER):
            cursor.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.SQL(name), sql.Identifier(USER)))


def _rows(cursor: Cursor, statement: str, *values: str) -> list[tuple[str, ...]]:
    cursor.execute(statement, values)
    return cursor.fetchall()


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))
