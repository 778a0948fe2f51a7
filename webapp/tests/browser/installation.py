"""A complete installation for tests: databases, `prepare`, then web, worker and live push as `./inv
up` starts them."""

import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stack import processes
from stack.home import ROOT, Home
from stack.ports import HOST
from stack.processes import Record
from stack.services import Service, product_programs
from stack.terminal import last_lines
from stack.testing import embedded_databases
from webapp.tests.browser.polling import wait_until

STOP_S: Final = 6.0
COMMAND_S: Final = 120.0
LOG_LINES: Final = 30


class Program:
    """One process, which a test may kill and restart."""

    def __init__(self, service: Service, log: Path) -> None:
        self._service = service
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def record(self) -> Record | None:
        return None if self._child is None else processes.record_of(self._service.name, self._child.pid)

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                self._service.argv,
                cwd=self._service.cwd,
                env=self._service.full_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C must not reach it: the tests stop it in order
            )

    def request_stop(self) -> None:
        """Send SIGTERM; returns at once."""
        if self._child is not None:
            self._child.terminate()

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal and wait until the process has ended."""
        if self._child is not None:
            processes.stop([self.record] if self.record else [], number, STOP_S)
            self._child.wait(STOP_S)

    def last_lines(self) -> str:
        return last_lines(self._log, LOG_LINES)


@dataclass(frozen=True)
class Installation:
    home: Home
    environment: Mapping[str, str]
    programs: Mapping[str, Program]

    @property
    def address(self) -> str:
        """The address of the pages, without a slash at its end."""
        return f"http://{self.host_of('web')}"

    def host_of(self, name: str) -> str:
        """Returns host and port of `web` or `live`."""
        return f"{HOST}:{self.environment[f'{name.upper()}_PORT']}"

    def start(self, *names: str) -> None:
        """Start programs and wait until they listen."""
        for name in names:
            self.programs[name].start()
        # If this run is killed, the next one stops what it left by these records.
        found = [program.record for program in self.programs.values()]
        processes.write_records(self.home.run / "processes.json", [each for each in found if each])
        for name in names:
            self._wait_for(name)

    def run(self, *argv: str) -> str:
        """Run a command in the environment of the programs; returns its output."""
        done = subprocess.run(
            argv,
            cwd=self.home.root,
            env=Service("command", argv, self.home.root, self.environment).full_environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        assert done.returncode == 0, f"{argv} ended with {done.returncode}:\n{done.stderr}"
        return done.stdout

    def end(self) -> None:
        for program in self.programs.values():
            program.request_stop()
        for program in self.programs.values():
            program.end()

    def _wait_for(self, name: str) -> None:
        program = self.programs[name]
        # The worker has no port; its jobs wait in the queue.
        port = self.environment.get(f"{name.upper()}_PORT")
        wait_until(lambda: not program.is_running or port is None or listens(int(port)), f"{name} listens")
        assert program.is_running, f"{name} ended by itself:\n{program.last_lines()}"


@contextmanager
def running_installation(folder: Path, **settings: str) -> Iterator[Installation]:
    """An installation for the block; `folder` becomes its `var`, `settings` are environment
    variables."""
    with embedded_databases(folder) as values:
        home = Home(root=ROOT, var=folder)
        environment = {**values, "DJANGO_SETTINGS_MODULE": "server.config.settings.embedded", **settings}
        parts = product_programs(home, environment, demo=False)
        programs = {each.name: Program(each, home.log_of(each.name)) for each in parts.services}
        installation = Installation(home, environment, programs)
        for command in parts.setup:
            installation.run(*command.argv)
        try:
            installation.start(*programs)
            yield installation
        finally:
            installation.end()


def listens(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port)):
            return True
    except OSError:
        return False
