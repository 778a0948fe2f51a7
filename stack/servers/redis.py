"""The embedded Redis, with an append-only file, a password and a memory limit, on 127.0.0.1."""

import signal
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from stack import processes
from stack.home import write_private
from stack.ports import HOST
from stack.servers import binaries
from stack.servers.waiting import NotReady, wait_for
from stack.services import Service

START_SECONDS = 60.0
CONFIGURATION = """\
bind {host}
port {port}
# No scripts and nothing for operators: most faults of a Redis that is no longer maintained are there. It can be emptied, and asked how it is.
user default on >{password} ~* &* +@all -@scripting -@dangerous -@admin +info +flushdb +client|setname +client|setinfo
# It holds copies and notifications only, so the oldest may go.
maxmemory 128mb
maxmemory-policy allkeys-lru
maxclients 1000
# A client that sends and does not read, before it has signed in too.
client-output-buffer-limit normal 16mb 4mb 30
client-output-buffer-limit pubsub 8mb 2mb 30
tcp-keepalive 60
dir "{folder}"
appendonly {appendonly}
appendfsync everysec
save ""
# Keeps the command line, by which leftover servers are found.
set-proc-title no
"""


@dataclass(frozen=True)
class Redis:
    data: Path
    port: int
    password: str
    durable: bool = True

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        processes.stop(processes.servers_in(self.data, "redis-server"), signal.SIGTERM, seconds=5.0)
        escaped = str(self.data).replace("\\", "\\\\").replace('"', '\\"')
        text = CONFIGURATION.format(
            host=HOST,
            port=self.port,
            password=self.password,
            folder=escaped,
            appendonly="yes" if self.durable else "no",
        )
        write_private(self._configuration, text)

    def service(self) -> Service:
        return Service(
            name="redis",
            argv=(str(binaries.redis_program()), str(self._configuration)),
            cwd=self.data,
            holds_data=True,
        )

    def wait_until_ready(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        # The client's own retries wait for seconds.
        at_once = Retry(NoBackoff(), retries=0)
        with closing(redis.Redis(host=HOST, port=self.port, password=self.password, retry=at_once)) as client:
            wait_for("Redis", lambda: _ping(client), START_SECONDS, cancelled)

    @property
    def _configuration(self) -> Path:
        return self.data / "redis.conf"


def _ping(client: redis.Redis) -> None:
    try:
        client.ping()
    except redis.RedisError as error:  # refused, or still loading its file
        raise NotReady(str(error)) from error
