"""The embedded Redis, with an append-only file, a password and a memory limit, on 127.0.0.1."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from stack import privileges, processes
from stack.home import write_private
from stack.ports import HOST
from stack.servers import binaries
from stack.servers.waiting import NotReady, wait_for
from stack.services import Service

START_SECONDS = 60.0
APPEND_ONLY = "appendonly.aof"
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
dir "."
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
        self.data.mkdir(exist_ok=True)
        # Under root Redis has a user of its own. The folder stays root's, so that it cannot replace
        # what root writes here.
        self.data.chmod(0o711 if privileges.is_root() else 0o700)
        processes.stop(processes.servers_in(self.data, "redis-server"), signal.SIGTERM, seconds=5.0)
        text = CONFIGURATION.format(
            host=HOST,
            port=self.port,
            password=self.password,
            appendonly="yes" if self.durable else "no",
        )
        self._make_folder()
        write_private(self._configuration, text)
        if privileges.is_root():
            os.chown(self._configuration, -1, privileges.database_user(privileges.REDIS_USER).pw_gid)
            self._configuration.chmod(0o640)

    def service(self) -> Service:
        return Service(
            name="redis",
            # Paths that begin at its folder: those above may be closed to its user. The file of its
            # process id is given for its path only, by which leftover servers are found.
            argv=(
                *privileges.database_prefix(privileges.REDIS_USER),
                str(_program()),
                "--include",
                os.path.relpath(self._configuration, self._folder),
                "--pidfile",
                str(self.data / "redis.pid"),
            ),
            cwd=self._folder,
            holds_data=True,
        )

    def wait_until_ready(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        # The client's own retries wait for seconds.
        at_once = Retry(NoBackoff(), retries=0)
        with closing(redis.Redis(host=HOST, port=self.port, password=self.password, retry=at_once)) as client:
            wait_for("Redis", lambda: _ping(client), START_SECONDS, cancelled)

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        former = self.data / APPEND_ONLY  # of version 0.1
        if former.exists():
            former.replace(self._folder / APPEND_ONLY)
        privileges.give_to_database_user(self._folder, privileges.REDIS_USER)

    @property
    def _folder(self) -> Path:
        return self.data / "data"

    @property
    def _configuration(self) -> Path:
        return self.data / "redis.conf"


def _program() -> Path:
    """Returns the installed program, or a copy of it where Redis's user cannot reach that."""
    installed = binaries.redis_program()
    if not privileges.is_root() or privileges.is_open_to_others(installed):
        return installed
    copy = privileges.make_places() / f"redis-{binaries.redis_package_version()}" / installed.name
    if not copy.exists():
        copy.parent.mkdir(mode=0o755, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=copy.parent
        ) as scratch:  # renamed when whole: another start may do the same
            new = Path(shutil.copy(installed, scratch))
            new.chmod(0o755)
            new.replace(copy)
    return copy


def _ping(client: redis.Redis) -> None:
    try:
        client.ping()
    except redis.RedisError as error:  # refused, or still loading its file
        raise NotReady(str(error)) from error
