"""Real worker processes on the databases of the test, to be killed and paused."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connections


def environment(objects: Path) -> dict[str, str]:
    """Returns the environment of a process that shares databases, Redis and object store with this
    test."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "server.config.settings.embedded",
        "DATABASE_DEFAULT_URL": _url("default"),
        "DATABASE_STREAMDATA_URL": _url("streamdata"),
        "CACHE_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "SEAL_KEY": settings.SEAL_KEY,
        "QUEUE_BACKEND": "postgres",
        "OBJECTS_DIR": str(objects),
    }


def _url(alias: str) -> str:
    there: Mapping[str, object] = connections[alias].settings_dict
    password = quote(str(there["PASSWORD"]), safe="")
    return f"postgres://{there['USER']}:{password}@{there['HOST']}:{there['PORT']}/{there['NAME']}"


@dataclass(frozen=True)
class Worker:
    """One worker process."""

    pid: int
    server: "ForkServer"

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        assert self.server.run_command(f"reap {self.pid}") == -signal.SIGKILL

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop it as the supervisor does: it finishes its job and exits."""
        os.kill(self.pid, signal.SIGTERM)
        assert self.server.run_command(f"reap {self.pid}") == 0


class ForkServer:
    """Starts when it is created. The workers that it forks end with it."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as stream:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chaos.harness.fork_server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                cwd=settings.ROOT,
                env=environment,
                text=True,
                start_new_session=True,
            )

    def start_worker(self) -> Worker:
        return Worker(self.run_command("start"), self)

    def run_command(self, command: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """Close its commands; it then kills its remaining workers."""
        self._process.communicate(timeout=20)


@contextmanager
def fork_server(objects: Path, log: Path, redis_url: str = "") -> Iterator[ForkServer]:
    """Its workers use the Redis of the test unless `redis_url` names another one."""
    values = environment(objects)
    server = ForkServer({**values, "CACHE_URL": redis_url or values["CACHE_URL"]}, log)
    try:
        yield server
    finally:
        server.stop()


def run_worker_command(objects: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """`python -m server.manage sqs-loop-worker …`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "server.manage", "sqs-loop-worker", *options],
        cwd=settings.ROOT,
        env=environment(objects),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
