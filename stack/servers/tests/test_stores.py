"""The real PostgreSQL and Redis, as the present user, in folders that are awkward."""

import os
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from stack import ports, processes, testing
from stack.errors import StackError
from stack.home import ROOT, Home
from stack.servers.stores import Stores, build_stores, running_databases
from stack.settings import Secrets, build_environment, make_secrets

pytestmark = pytest.mark.integration

AWKWARD = {"a blank": "a folder", "too long for a Unix socket": "/".join(["a-long-folder-name"] * 7)}


@pytest.fixture(params=AWKWARD.values(), ids=list(AWKWARD))
def awkward_home(request: pytest.FixtureRequest, open_folder: Path) -> Home:
    return make_home(open_folder / request.param)


@pytest.fixture
def home(open_folder: Path) -> Home:
    return make_home(open_folder)


def make_home(folder: Path) -> Home:
    home = Home(root=ROOT, var=folder / "var")
    home.make_folders()
    return home


class Instance:
    """One stack's databases over several starts."""

    def __init__(self, home: Home, secrets: Secrets | None = None) -> None:
        self.home = home
        self.secrets = secrets or make_secrets()
        self.ports = ports.fresh_ports()
        self.url = build_environment(home, self.ports, self.secrets)["DATABASE_DEFAULT_URL"]

    def stores(self) -> Stores:
        return build_stores(self.home, self.ports, self.secrets)

    def run_sql(self, statement: str) -> list[tuple[object, ...]]:
        with closing(psycopg2.connect(self.url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def redis(self) -> redis.Redis:
        return redis.Redis(host=ports.HOST, port=self.ports["redis"], password=self.secrets.redis)

    def kill(self) -> None:
        servers = processes.servers_in(self.home.var / "postgres", "postgres")
        servers += processes.servers_in(self.home.var / "redis", "redis-server")
        assert len(servers) >= 2
        processes.kill(servers)


def test_what_was_committed_survives_a_kill_of_both_servers(awkward_home: Home) -> None:
    instance = Instance(awkward_home)
    with running_databases(awkward_home, instance.stores()):
        instance.run_sql("CREATE TABLE kept AS SELECT 42 AS answer")
        with closing(instance.redis()) as client:
            client.set("kept", "42")
        instance.kill()

    with running_databases(awkward_home, instance.stores()):
        rows = instance.run_sql("SELECT answer FROM kept")
        with closing(instance.redis()) as client:
            value = client.get("kept")

    assert rows == [(42,)]
    assert value == b"42"


def test_a_server_that_still_runs_is_stopped_by_the_next_start(home: Home) -> None:
    first = Instance(home)
    second = Instance(home, first.secrets)

    with running_databases(home, first.stores()), running_databases(home, second.stores()):
        answer = second.run_sql("SELECT 1")
        old_is_free = ports.is_free(first.ports["postgres"])

    assert answer == [(1,)]
    assert old_is_free
    assert processes.servers_in(home.var / "postgres", "postgres") == []


def test_a_process_id_file_that_names_another_program_stops_no_process(home: Home) -> None:
    instance = Instance(home)
    with running_databases(home, instance.stores()):
        pass
    (home.var / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{home.var / 'postgres'}\n")

    with running_databases(home, instance.stores()):
        answer = instance.run_sql("SELECT 1")

    assert answer == [(1,)]


def test_an_interrupted_first_start_leaves_nothing_behind(home: Home) -> None:
    half_made = home.var / ".postgres-abc"
    half_made.mkdir()

    Instance(home).stores().postgres.prepare()

    assert [each.name for each in home.var.glob(".postgres*")] == []


def test_nobody_connects_without_the_password(home: Home) -> None:
    instance = Instance(home)

    with running_databases(home, instance.stores()):
        with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
            psycopg2.connect(
                host=ports.HOST, port=instance.ports["postgres"], user="fieldline", dbname="postgres"
            )
        at_once = Retry(NoBackoff(), retries=0)
        with (
            closing(redis.Redis(host=ports.HOST, port=instance.ports["redis"], retry=at_once)) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()


def test_data_made_with_other_secrets_are_refused_with_the_reason(home: Home) -> None:
    instance = Instance(home)
    with running_databases(home, instance.stores()):
        pass
    instance.secrets = make_secrets()

    with (
        pytest.raises(StackError, match=r"restore the secrets\.json"),
        running_databases(home, instance.stores()),
    ):
        pass


def test_data_of_another_version_are_refused_with_the_reason(home: Home) -> None:
    instance = Instance(home)
    instance.stores().postgres.prepare()

    (home.var / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(StackError, match="made by PostgreSQL 17, this is 18"):
        instance.stores().postgres.prepare()


def test_databases_for_tests_are_two_and_stop_in_the_end(open_folder: Path) -> None:
    with testing.embedded_databases(open_folder / "var") as values:
        names = []
        for url in (values["DATABASE_DEFAULT_URL"], values["DATABASE_STREAMDATA_URL"]):
            with closing(psycopg2.connect(url)) as connection:
                names.append(connection.info.dbname)

    assert names == ["fieldline", "fieldline_streamdata"]
    assert processes.servers_in(open_folder / "var" / "postgres", "postgres") == []
    assert processes.servers_in(open_folder / "var" / "redis", "redis-server") == []
