"""A worker process: the loop that runs jobs, until a signal ends it."""

import os
from typing import Protocol

import structlog

from server.core.children import on_stop_signals
from server.core.lanes import Lane
from server.core.queue.backends import current_queue, new_queue
from worker.assembly import build_loop
from worker.job_threads import JobThreads
from worker.loop import LoopOptions

log = structlog.get_logger(__name__)


def run_loop(options: LoopOptions) -> int:
    """Run one loop in this process, or several in threads. Returns the exit code."""
    if options.jobs == 1 and not options.long_jobs:
        return run_until_stopped(build_loop(current_queue(), options))
    lanes = (Lane.SHORT,) if options.long_jobs else tuple(Lane)
    threads = JobThreads(
        lambda shared: build_loop(new_queue(lanes=lanes), options, shared),
        jobs=options.jobs,
        others=[
            lambda shared: build_loop(new_queue(lanes=(Lane.LONG,)), options, shared),
        ]
        * options.long_jobs,
    )
    return run_until_stopped(threads)


class Stoppable(Protocol):
    def run(self) -> None: ...

    def stop(self) -> None: ...


def run_until_stopped(work: Stoppable) -> int:
    """Run until a signal, or until the work ends by itself. Returns the exit code."""
    on_stop_signals(work.stop)
    log.info("worker ready", pid=os.getpid())
    work.run()
    log.info("worker stopped", pid=os.getpid())
    return 0
