"""The worker processes of an installation."""

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Final

from chaos.harness.workers import ForkServer, Worker

WORKERS: Final = 2


class Workers:
    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._server: ForkServer | None = None
        self._running: list[Worker] = []

    def start(self) -> None:
        self._server = ForkServer(self._environment, self._log)
        self.start_missing()

    def start_missing(self) -> None:
        """Start workers until there are `WORKERS`."""
        if self._server is None:
            raise RuntimeError("the workers were not started")
        while len(self._running) < WORKERS:
            self._running.append(self._server.start_worker())

    def kill_one(self, rng: Random) -> None:
        self._running.pop(rng.randrange(len(self._running))).kill()

    def pause_one(self, rng: Random) -> Worker:
        """Returns the paused worker."""
        worker = rng.choice(self._running)
        worker.pause()
        return worker

    def stop(self) -> None:
        self._running.clear()
        if self._server is not None:
            self._server.stop()
            self._server = None
