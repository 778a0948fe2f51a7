"""The role that the programs use owns its databases and is no superuser."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from stack.home import ROOT, Home
from stack.ports import HOST, fresh_ports
from stack.servers import postgres_place
from stack.servers.stores import Stores, build_stores, running_databases
from stack.settings import DATABASES, USER, make_secrets

pytestmark = pytest.mark.integration


@pytest.fixture
def home(open_folder: Path) -> Iterator[Home]:
    made = Home(root=ROOT, var=open_folder / "var")
    made.make_folders()
    yield made
    postgres_place.remove_place(made.var / "postgres")


@pytest.fixture
def stores(home: Home) -> Stores:
    return build_stores(home, fresh_ports(), make_secrets(), durable=False)


def query(
    stores: Stores, statement: str, database: str = DATABASES[0], role: str = USER
) -> list[tuple[object, ...]]:
    secrets, port = stores.postgres.secrets, stores.postgres.port
    password = secrets.postgres if role == USER else secrets.postgres_admin
    with (
        closing(
            psycopg2.connect(host=HOST, port=port, user=role, password=password, dbname=database)
        ) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_the_role_of_the_programs_is_no_superuser(home: Home, stores: Stores) -> None:
    with running_databases(home, stores):
        rights = query(
            stores,
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user",
        )

    assert rights == [(False, False, False, False)]


def test_a_failed_statement_leaves_no_values_in_the_log(home: Home, stores: Stores) -> None:
    with running_databases(home, stores):
        query(stores, "CREATE TABLE code (digits text PRIMARY KEY)")
        query(stores, "INSERT INTO code VALUES ('123456')")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            query(stores, "INSERT INTO code VALUES ('123456')")

    log = home.log_of("postgres").read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "123456" not in log


@pytest.mark.parametrize(
    "statement",
    ["COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')", "CREATE ROLE other"],
)
def test_the_programs_cannot_reach_the_machine_or_make_roles(
    home: Home, stores: Stores, statement: str
) -> None:
    with running_databases(home, stores), pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(stores, statement)
