"""Forks worker processes that tests kill: importing the worker takes a second, so one process
imports and forks.

The children run what each process of `sqs-loop-worker` runs.

`python -m chaos.harness.fork_server` reads commands: "start" answers a process id, "reap <id>" an
exit code.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import Final, TextIO

import django
from django.utils.module_loading import import_string

VISIBLE_AFTER_S: Final = 1


def main(commands: TextIO, answers: TextIO) -> None:
    work = _worker()
    children: set[int] = set()
    for line in commands:
        command, *arguments = line.split()
        if command == "start":
            answer = _start(work)
            children.add(answer)
        else:
            answer = _reap(int(arguments[0]))
            children.discard(int(arguments[0]))
        print(answer, file=answers, flush=True)
    for child in children:  # the test has ended, or was killed
        os.kill(child, signal.SIGKILL)


def _worker() -> Callable[[], int]:
    """Set Django up before importing: nothing of the worker can be imported earlier."""
    django.setup()
    options = import_string("worker.loop.LoopOptions")(long_jobs=1, visible_after_seconds=VISIBLE_AFTER_S)
    return partial(import_string("worker.processes.run_loop"), options)


def _start(work: Callable[[], int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os._exit(work())
    except BaseException:  # noqa: BLE001  a child must not return into its parent's code
        traceback.print_exc()
        os._exit(1)


def _reap(pid: int) -> int:
    """Returns the exit code. Until a child is reaped, its process id is not reused."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
