"""The embedded Redis accepts what the programs need, and no more."""

from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest
import redis

from stack import privileges, processes
from stack.home import ROOT, Home
from stack.ports import HOST, fresh_ports
from stack.servers import postgres_place
from stack.servers.redis import APPEND_ONLY, Redis
from stack.servers.stores import build_stores, running_databases
from stack.settings import make_secrets

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """In a folder that is closed to other users."""
    made = Home(root=ROOT, var=tmp_path_factory.mktemp("redis") / "var")
    made.make_folders()
    return made


@pytest.fixture(scope="module")
def client(home: Home) -> Iterator[redis.Redis]:
    ports, secrets = fresh_ports(), make_secrets()
    with (
        running_databases(home, build_stores(home, ports, secrets, durable=False)),
        closing(redis.Redis(host=HOST, port=ports["redis"], password=secrets.redis)) as connected,
    ):
        yield connected
    postgres_place.remove_place(home.var / "postgres")


@pytest.mark.parametrize(
    "command",
    [
        *(
            "EVAL return(1) 0",
            "EVALSHA 0 0",
            "SCRIPT FLUSH",
            "CONFIG GET dir",
            "DEBUG SLEEP 0",
            "MODULE LIST",
        ),
        *("REPLICAOF NO ONE", "SLAVEOF NO ONE", "FLUSHALL", "KEYS *", "MONITOR", "SAVE", "SHUTDOWN"),
        *("ACL LIST", "CLIENT LIST", "CLIENT KILL TYPE normal", "MIGRATE a 1 b 0 1", "RESTORE a 0 b", "SYNC"),
    ],
)
def test_scripts_and_commands_for_operators_are_refused(client: redis.Redis, command: str) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command.split())  # type: ignore[no-untyped-call]


def test_what_a_cache_needs_is_allowed(client: redis.Redis) -> None:
    client.set("counter", 1, ex=60)
    client.incr("counter")
    client.expire("counter", 30)

    assert client.get("counter") == b"2"
    assert client.flushdb() is True
    assert client.dbsize() == 0


def test_messages_arrive(client: redis.Redis) -> None:
    with client.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
        subscription.subscribe("channel")
        subscription.get_message(timeout=5)

        client.publish("channel", "hello")

        message = subscription.get_message(timeout=5)
    assert message is not None
    assert message["data"] == b"hello"


def test_memory_has_a_limit_at_which_the_oldest_entries_go(client: redis.Redis) -> None:
    memory = client.info("memory")

    assert (memory["maxmemory"], memory["maxmemory_policy"]) == (128 * 1024 * 1024, "allkeys-lru")


def test_under_root_redis_has_a_user_of_its_own(client: redis.Redis, home: Home) -> None:
    if not privileges.is_root():
        pytest.skip("as a plain user it runs as that user")
    [server] = processes.servers_in(home.var / "redis", "redis-server")

    assert client.ping()
    assert (
        psutil.Process(server.pid).uids().effective == privileges.database_user(privileges.REDIS_USER).pw_uid
    )
    assert (home.var / "redis" / "redis.conf").stat().st_uid == 0


def test_the_data_of_an_earlier_version_are_kept(home: Home) -> None:
    folder = home.var / "earlier"
    folder.mkdir()
    (folder / APPEND_ONLY).write_bytes(b"")
    instance = Redis(folder, fresh_ports()["redis"], make_secrets().redis)

    instance.prepare()

    assert (folder / "data" / APPEND_ONLY).exists()
    assert not (folder / APPEND_ONLY).exists()
