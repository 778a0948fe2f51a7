"""PostgreSQL and Redis servers of our own, which tests stop and kill."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.db import Error, connection, connections

from chaos.harness.processes import ManagedProcess, is_gone, kill_one, wait_until
from stack import ports
from stack.servers.postgres import Postgres
from stack.servers.redis import Redis
from stack.settings import USER, Secrets, make_secrets


class PostgresServer(ManagedProcess):
    """On a port of its own. Its data survive `stop`."""

    def __init__(
        self, folder: Path, port: int, secrets: Secrets, *, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.data = Postgres(folder, port, secrets, durable=False)
        self.data.prepare()  # before `service`, which names the folder that this chooses
        service = self.data.service()
        super().__init__(
            "postgres",
            service.argv,
            cwd=service.cwd,
            env={**service.env, **(env or {})},
            log=log,
            stop_signal=service.stop_signal,
        )

    @property
    def settings(self) -> dict[str, str]:
        """The connection settings for Django."""
        port, password = str(self.data.port), self.data.secrets.postgres
        return {"HOST": ports.HOST, "PORT": port, "USER": USER, "PASSWORD": password}

    def start(self) -> None:
        """Does nothing when it runs."""
        if self.is_running:
            return
        self.data.prepare()
        super().start()
        self.data.wait_until_ready()


class RedisServer(ManagedProcess):
    """On a port of its own; `url` is for the processes that use it."""

    def __init__(self, folder: Path, port: int, password: str, *, log: Path) -> None:
        self._redis = Redis(folder, port, password, durable=False)
        self.url = f"redis://:{password}@{ports.HOST}:{port}/0"
        service = self._redis.service()
        super().__init__("redis", service.argv, cwd=service.cwd, env=service.env, log=log)

    def start(self) -> None:
        self._redis.prepare()
        super().start()
        self._redis.wait_until_ready()


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server in a folder that PostgreSQL's own user can reach under root."""
    with tempfile.TemporaryDirectory(prefix="fieldline-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        port, log = ports.fresh_ports()["postgres"], folder / "postgres.log"
        server = PostgresServer(folder / "postgres", port, make_secrets(), log=log)
        try:
            server.start()
            server.data.make_databases()
            server.data.allow_tests()
            yield server
        finally:
            server.stop()


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    port, password = ports.fresh_ports()["redis"], make_secrets().redis
    server = RedisServer(folder, port, password, log=folder.with_suffix(".log"))
    try:
        server.start()
        yield server
    finally:
        server.kill()


def kill_back_end(of: int) -> bool:
    """Kill the back end that serves process `of`. PostgreSQL then closes all connections and
    recovers.

    Returns whether there was one.
    """
    ports_of_process = _ports_of(of)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid, client_port FROM pg_stat_activity WHERE backend_type = 'client backend'")
        serving = [pid for pid, port in cursor.fetchall() if port in ports_of_process]
    connections.close_all()
    ours = [pid for pid in serving if _is_postgres(pid)]
    if ours:
        kill_one(ours[0])
        wait_until(lambda: is_gone(ours[0]), what="the back end is gone")
    return bool(ours)


def postgres_answers() -> bool:
    """Whether both databases accept new connections."""
    connections.close_all()
    try:
        for alias in connections:
            connections[alias].ensure_connection()
    except Error:
        return False
    return True


def _ports_of(pid: int) -> set[int]:
    """Returns the local ports of a process's connections."""
    sockets = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except OSError:  # closed meanwhile
            continue
        if target.startswith("socket:["):
            sockets.add(target[len("socket:[") : -1])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[9] in sockets}


def _is_postgres(pid: int) -> bool:
    try:
        return "postgres" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False
