"""`python -m server.manage sqs-loop-worker`: run jobs from the queue that QUEUE_BACKEND names; the
command's name is older than that choice. docs/operations/worker.md"""

import sys
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from server.core.children import STOP_WITHIN_S, Parent
from server.core.queue import MAX_BATCH, MAX_DELAY_SECONDS
from worker.loop import LoopOptions
from worker.processes import run_loop

USUAL = LoopOptions()


class Command(BaseCommand):
    help = "Run jobs from the queue."
    requires_system_checks = ()  # they would load every page and URL into each worker

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--processes", type=int, default=1, help="worker processes; 0: run in this one, without a parent"
        )
        parser.add_argument("--jobs", type=int, default=1, metavar="M", help="jobs at a time in each process")
        parser.add_argument(
            "--long-jobs",
            type=int,
            metavar="K",
            help="long jobs at a time beside them (1, with --once 0); 0: no lane of their own",
        )
        parser.add_argument("--once", action="store_true", help="run the jobs that are due now, then end")
        parser.add_argument(
            "--idle-exit", type=float, metavar="S", help="end after so many seconds without a job"
        )
        parser.add_argument(
            "--batch", type=int, default=1, choices=range(1, MAX_BATCH + 1), help="messages taken at once"
        )
        parser.add_argument(
            "--visible-after",
            type=int,
            default=30,
            metavar="S",
            help="when the job of a dead worker is run again",
        )
        parser.add_argument(
            "--wait", type=float, default=USUAL.wait_seconds, metavar="S", help="longest wait for a message"
        )
        parser.add_argument(
            "--stop-within", type=float, default=STOP_WITHIN_S, metavar="S", help="time to finish on SIGTERM"
        )
        parser.add_argument(
            "--metrics-port",
            type=int,
            default=settings.METRICS_PORT,
            metavar="PORT",
            help="show /metrics of all the processes here; 0: do not",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        loop_options = _loop_options(options)
        if options["processes"] == 0:
            sys.exit(run_loop(loop_options))
        parent = Parent(
            processes=options["processes"],
            work=lambda: run_loop(loop_options),
            stop_within_seconds=options["stop_within"],
        )
        sys.exit(parent.run())


def _loop_options(options: dict[str, Any]) -> LoopOptions:
    idle_exit = 0.0 if options["once"] else options["idle_exit"]
    if options["jobs"] < 1:
        raise CommandError("--jobs takes a number from 1 up.")
    long_jobs = options["long_jobs"]
    if long_jobs is None:  # a run that ends takes jobs of both lanes, one after the other
        long_jobs = 1 if idle_exit is None else 0
    if long_jobs < 0:
        raise CommandError("--long-jobs takes a number from 0 up.")
    if not 0 < options["visible_after"] <= MAX_DELAY_SECONDS:
        raise CommandError(f"--visible-after takes 1 to {MAX_DELAY_SECONDS} seconds.")
    usual = LoopOptions(
        jobs=options["jobs"],
        long_jobs=long_jobs,
        batch=options["batch"],
        wait_seconds=options["wait"],
        visible_after_seconds=options["visible_after"],
        metrics_port=options["metrics_port"],
    )
    if idle_exit is None:
        return usual
    return replace(usual, wait_seconds=min(usual.wait_seconds, idle_exit), idle_exit_seconds=idle_exit)
