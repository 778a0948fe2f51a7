"""A service of the installation under the supervisor's keeper: when it is killed, the keeper starts
it again, as in `./inv up`."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from chaos.harness.processes import children_of, wait_until
from stack.keeper import MAX_EXITS, Keeper, Listener, ProcessExit
from stack.services import Service

READY_WITHIN_S: Final = 60.0
STOP_WITHIN_S: Final = 10.0


class SupervisedService:
    """`is_ready` says whether it answers."""

    def __init__(self, service: Service, log: Path, is_ready: Callable[[], bool]) -> None:
        self._service, self._log, self._is_ready = service, log, is_ready
        self._keeper: Keeper | None = None
        self._starts = self._exits = 0

    @property
    def pid(self) -> int:
        """Of the process that the keeper has started."""
        if self._keeper is None or self._keeper.record is None:
            raise RuntimeError(f"{self._service.name} does not run")
        return self._keeper.record.pid

    def start(self) -> None:
        self._exits = 0
        self._keeper = Keeper(self._service, self._listener())
        self._await_start(self._starts, self._keeper.start)

    def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.request_stop()
            self._keeper.wait(STOP_WITHIN_S)
            self._keeper = None

    def renew(self) -> None:
        """Start it with a new keeper before the present one gives up: we kill more often than a
        keeper should put up with."""
        if self._exits >= MAX_EXITS - 2:
            self.stop()
            self.start()

    def kill(self) -> None:
        """Kill the process but not its children, and wait until the keeper has started it again."""
        self._await_start(self._starts, lambda: os.kill(self.pid, signal.SIGKILL))

    def kill_all(self) -> None:
        """Kill the process and its children at once, as a power cut would, and wait for the next
        start."""
        self._await_start(self._starts, lambda: os.killpg(self.pid, signal.SIGKILL))

    def children(self) -> list[int]:
        return children_of(self.pid)

    def _await_start(self, starts: int, cause: Callable[[], None]) -> None:
        cause()
        name = self._service.name
        wait_until(lambda: self._starts > starts, what=f"{name} is started", seconds=READY_WITHIN_S)
        wait_until(self._is_ready, what=f"{name} answers", seconds=READY_WITHIN_S)

    def _listener(self) -> Listener:
        return Listener(
            line=self._write,
            started=self._count_start,
            ended=self._count_exit,
            may_restart=lambda: True,
            restarting=lambda end, delay: None,
            gave_up=lambda end: None,
        )

    def _write(self, name: str, line: bytes) -> None:
        with self._log.open("ab") as log:
            log.write(line)

    def _count_start(self, name: str, pid: int) -> None:
        self._starts += 1

    def _count_exit(self, end: ProcessExit) -> None:
        self._exits += 1
