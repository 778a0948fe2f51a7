"""The role that the programs use owns its databases and is no superuser."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from stack.home import ROOT, Home
from stack.ports import HOST, fresh_ports
from stack.servers import postgres_place, postgres_roles
from stack.servers.stores import Stores, running_databases, stores_of
from stack.settings import DATABASES, USER, make_secrets

pytestmark = pytest.mark.integration

MADE_AS_SUPERUSER = """
    CREATE TABLE numbered (id serial, at date) PARTITION BY RANGE (at);
    CREATE TABLE numbered_2026 PARTITION OF numbered FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE SEQUENCE alone;
    CREATE VIEW seen AS SELECT * FROM numbered;
    INSERT INTO numbered (at) VALUES ('2026-05-01');
"""


@pytest.fixture
def home(open_folder: Path) -> Iterator[Home]:
    made = Home(root=ROOT, var=open_folder / "var")
    made.make_folders()
    yield made
    postgres_place.leave(made.var / "postgres")


@pytest.fixture
def stores(home: Home) -> Stores:
    return stores_of(home, fresh_ports(), make_secrets(), durable=False)


def asked(
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
        rights = asked(
            stores,
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user",
        )

    assert rights == [(False, False, False, False)]


@pytest.mark.parametrize(
    "statement",
    ["COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')", "CREATE ROLE other"],
)
def test_the_programs_cannot_reach_the_machine_or_make_roles(
    home: Home, stores: Stores, statement: str
) -> None:
    with running_databases(home, stores), pytest.raises(psycopg2.errors.InsufficientPrivilege):
        asked(stores, statement)


def test_data_of_before_the_superuser_left_are_kept_and_given_to_the_programs(
    home: Home, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_as_before(home, stores, monkeypatch)

    with running_databases(home, stores):
        superuser = asked(stores, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        asked(stores, "ALTER TABLE numbered ADD COLUMN name text; DROP VIEW seen; DROP SEQUENCE alone")
        rows = asked(stores, "SELECT id, at::text FROM numbered")
        left = asked(
            stores, "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1", role="postgres"
        )

    assert superuser == [(False,)]
    assert rows == [(1, "2026-05-01")]
    assert left == [("fieldline",), ("postgres",)]


def test_giving_data_to_the_programs_goes_on_where_it_was_interrupted(
    home: Home, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_as_before(home, stores, monkeypatch)
    with running_databases(home, stores):
        asked(
            stores,
            f"ALTER DATABASE {DATABASES[0]} OWNER TO postgres; ALTER TABLE numbered OWNER TO postgres",
            role="postgres",
        )

    with running_databases(home, stores):
        asked(stores, "DROP TABLE numbered CASCADE")


def make_as_before(home: Home, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the version before did: with one role, which initdb made."""
    secrets = stores.postgres.secrets
    before = stores_of(home, fresh_ports(), replace(secrets, postgres_admin=secrets.postgres), durable=False)
    with monkeypatch.context() as patch:
        patch.setattr(postgres_roles, "ADMIN", USER)
        with running_databases(home, before):
            asked(before, MADE_AS_SUPERUSER)
