"""The worker processes of an installation, forked from one that has everything imported: a dead one is replaced at once."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

from chaos.harness.workers import Nursery, Worker
from stack.home import ROOT

WORKERS = 2


class Crew:
    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._process: subprocess.Popen[str] | None = None
        self._workers: list[Worker] = []

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chaos.harness.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env=self._environment,
                text=True,
                start_new_session=True,
            )
        self.fill_up()

    def fill_up(self) -> None:
        """As many workers as there should be."""
        while len(self._workers) < WORKERS:
            self._workers.append(self._nursery().start())

    def kill_one(self, chance: Random) -> None:
        worker = self._workers.pop(chance.randrange(len(self._workers)))
        worker.kill()

    def pause_one(self, chance: Random) -> Worker:
        """It stands still until it is told to go on."""
        worker = chance.choice(self._workers)
        worker.pause()
        return worker

    def stop(self) -> None:
        """The nursery kills what is left of them when its commands end."""
        self._workers.clear()
        if self._process is not None:
            self._process.communicate(timeout=20)
            self._process = None

    def _nursery(self) -> Nursery:
        if self._process is None:
            raise RuntimeError("the workers were not started")
        return Nursery(self._process)
