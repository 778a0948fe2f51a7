"""PostgreSQL's processes and a Redis, to be killed. Only those of the databases that the tests started."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import Error, connection, connections

from chaos.harness.waiting import until
from stack import ports
from stack.servers.redis import Redis
from stack.services import Service
from stack.settings import make_secrets


def kill_back_end(of: int) -> bool:
    """The back end that serves a process of ours. PostgreSQL then ends every connection and repairs itself."""
    ports_of_process = _ports_of(of)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid, client_port FROM pg_stat_activity WHERE backend_type = 'client backend'")
        serving = [pid for pid, port in cursor.fetchall() if port in ports_of_process]
    connections.close_all()
    ours = [pid for pid in serving if _is_postgres(pid)]
    if ours:
        os.kill(ours[0], signal.SIGKILL)
        until(lambda: not Path(f"/proc/{ours[0]}/stat").exists(), what="the back end is gone")
    return bool(ours)


def postgres_answers() -> bool:
    """Both databases, on new connections."""
    connections.close_all()
    try:
        for alias in connections:
            connections[alias].ensure_connection()
    except Error:
        return False
    return True


def _ports_of(pid: int) -> set[int]:
    """From which a process is connected to somebody."""
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


@dataclass
class StoppableRedis:
    """On a port of its own; `url` is for the processes that use it."""

    redis: Redis
    url: str
    _pid: int = 0

    def start(self) -> None:
        service: Service = self.redis.service()
        self.redis.prepare()
        self._pid = os.posix_spawn(service.argv[0], service.argv, service.full_environment())
        self.redis.wait_until_ready()

    def kill(self) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0


@contextmanager
def stoppable_redis(folder: Path) -> Iterator[StoppableRedis]:
    port, password = ports.fresh_ports()["redis"], make_secrets().redis
    redis = StoppableRedis(
        Redis(folder, port, password, durable=False), f"redis://:{password}@{ports.HOST}:{port}/0"
    )
    try:
        redis.start()
        yield redis
    finally:
        redis.kill()
