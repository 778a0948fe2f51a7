"""A worker program with Actions that a test can watch from outside; `test_processes.py` starts it.
A job writes `begun-<name>` into its folder, and `done-<name>` when it ends."""

import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from server.core.children import Parent
from server.core.queue.backends.postgres import PostgresQueue
from worker.action import Action
from worker.assembly import SharedParts
from worker.job_threads import JobThreads
from worker.loop import Loop, LoopOptions
from worker.middleware.logging import Logging
from worker.middleware.retries import Retries
from worker.middleware.time_limit import TimeLimit
from worker.middleware.visibility import Visibility
from worker.processes import run_until_stopped

OPTIONS = LoopOptions(visible_after_seconds=1)


@dataclass(frozen=True, slots=True)
class Hold:
    """Run for so many seconds."""

    action: ClassVar[str] = "hold"
    order_key: ClassVar[str] = ""

    folder: str
    name: str
    seconds: float


class RunHold(Action[Hold]):
    max_seconds = 3

    def execute(self, job: Hold) -> None:
        folder = Path(job.folder)
        (folder / f"begun-{job.name}").write_text(str(os.getpid()))
        threading.Event().wait(job.seconds)
        (folder / f"done-{job.name}").touch()


@dataclass(frozen=True, slots=True)
class Crash:
    """End the process."""

    action: ClassVar[str] = "crash"
    order_key: ClassVar[str] = ""


class RunCrash(Action[Crash]):
    max_attempts = 2

    def execute(self, job: Crash) -> None:
        os._exit(9)


def work(jobs: int) -> int:
    if jobs == 1:
        return run_until_stopped(_loop(SharedParts()))
    return run_until_stopped(JobThreads(_loop, jobs=jobs))


def _loop(shared: SharedParts) -> Loop:
    queue = PostgresQueue()
    table: dict[str, type[Action[Any]]] = {"hold": RunHold, "crash": RunCrash}
    visibility = Visibility(queue, visible_after_seconds=1, check_every_seconds=0.1)
    limit = TimeLimit(end=shared.end, grace_seconds=0, check_every_seconds=0.1)
    return Loop(queue, table, [Logging(), Retries(), visibility, limit], OPTIONS)


def main(jobs: int = 1) -> None:
    sys.exit(Parent(processes=1, work=lambda: work(jobs), stop_within_seconds=2).run())
