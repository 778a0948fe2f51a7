"""A PostgreSQL of its own that a test really stops and starts."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack import ports, processes
from stack.processes import Record
from stack.servers.postgres import Postgres
from stack.settings import USER, make_secrets


class StoppableDatabase:
    """Its data outlive `stop`, as those of a real server do."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> dict[str, str]:
        """Where Django finds it."""
        port, password = str(self._postgres.port), self._postgres.secrets.postgres
        return {"HOST": ports.HOST, "PORT": port, "USER": USER, "PASSWORD": password}

    def start(self) -> None:
        """Does nothing when it runs."""
        if self._running is not None:
            return
        service = self._postgres.service()
        self._running = subprocess.Popen(
            service.argv,
            cwd=service.cwd,
            env=service.full_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._postgres.wait_until_ready()
        self._postgres.make_databases()

    def stop(self) -> None:
        """Connections that are open are cut."""
        running, self._running = self._running, None
        if running is None:
            return
        record = processes.record_of("postgres", running.pid) or Record("postgres", running.pid, "")
        processes.stop([record], self._postgres.service().stop_signal, seconds=5.0)
        running.wait()


@contextmanager
def stoppable_database() -> Iterator[StoppableDatabase]:
    """Started. Its folder is open to the user that runs PostgreSQL where we are root."""
    with tempfile.TemporaryDirectory(prefix="fieldline-") as folder:
        Path(folder).chmod(0o711)
        postgres = Postgres(
            Path(folder) / "postgres", ports.fresh_ports()["postgres"], make_secrets(), durable=False
        )
        postgres.prepare()
        database = StoppableDatabase(postgres)
        try:
            database.start()
            yield database
        finally:
            database.stop()
