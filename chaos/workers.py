"""The workers of an installation: their parent, which the supervisor keeps, starts a process again
that dies."""

import os
import signal
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from chaos.harness.fork_server import VISIBLE_AFTER_S
from chaos.harness.processes import kill_one, wait_until
from chaos.supervised import SupervisedService
from stack.services import Service

WORKERS: Final = 2


class Workers:
    """`service`: the worker of `./inv up`. It gets two processes, whose jobs become visible again
    after a second."""

    def __init__(self, service: Service, log: Path) -> None:
        options = ("--processes", str(WORKERS), "--visible-after", str(VISIBLE_AFTER_S))
        chosen = replace(service, argv=(*service.argv, *options))
        self.parent = SupervisedService(chosen, log, lambda: bool(self.parent.children()))

    def start(self) -> None:
        self.parent.start()

    def stop(self) -> None:
        self.parent.stop()

    def restart(self) -> None:
        """A parent delays the next start of a process after each death, so now and then there is a
        new one."""
        self.stop()
        self.start()

    def kill_one(self, rng: Random) -> None:
        kill_one(rng.choice(self._running()))

    def kill_all(self) -> None:
        """Kill the parent and its processes; the supervisor starts the parent again."""
        self.parent.kill_all()

    def pause_one(self, rng: Random) -> int:
        """Returns the process id of the paused worker."""
        pid = rng.choice(self._running())
        os.kill(pid, signal.SIGSTOP)
        return pid

    def resume(self, pid: int) -> None:
        os.kill(pid, signal.SIGCONT)

    def _running(self) -> list[int]:
        return wait_until(self.parent.children, what="a worker process runs")
