"""`python -m server.manage sqs-loop-worker`: take jobs from the queue and run them, until told to stop.

The name is older than the choice of queues: it works on whichever QUEUE_BACKEND names. docs/operations/worker.md
"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from server.core.queue import MAX_BATCH
from worker.loop import LoopOptions
from worker.processes import Parent, run_loop


class Command(BaseCommand):
    help = "Run jobs from the queue."
    requires_system_checks = ()  # they would load every page and URL into each worker

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--processes", type=int, default=1, help="worker processes; 0: run in this one, without a parent"
        )
        parser.add_argument("--once", action="store_true", help="do the jobs that are due now, then end")
        parser.add_argument(
            "--idle-exit", type=float, metavar="S", help="end after so many seconds without a job"
        )
        parser.add_argument(
            "--batch", type=int, default=1, choices=range(1, MAX_BATCH + 1), help="messages taken at once"
        )
        parser.add_argument(
            "--visible-after", type=int, default=30, metavar="S", help="when a dead worker's job comes again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        loop_options = _loop_options(options)
        if options["processes"] == 0:
            sys.exit(run_loop(loop_options))
        sys.exit(Parent(processes=options["processes"], work=lambda: run_loop(loop_options)).run())


def _loop_options(options: dict[str, Any]) -> LoopOptions:
    idle_exit = 0.0 if options["once"] else options["idle_exit"]
    usual = LoopOptions(batch=options["batch"], visible_after_seconds=options["visible_after"])
    if idle_exit is None:
        return usual
    return LoopOptions(
        batch=usual.batch,
        visible_after_seconds=usual.visible_after_seconds,
        wait_seconds=min(usual.wait_seconds, idle_exit),
        idle_exit_seconds=idle_exit,
    )
