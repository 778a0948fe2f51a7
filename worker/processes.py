"""A worker process: the loop that runs jobs, until a signal ends it."""

import os
from typing import Protocol

import structlog

from server.core.children import on_stop_signals
from server.core.queue.backends import current_queue, new_queue
from worker.assembly import build_loop
from worker.job_threads import JobThreads
from worker.loop import LoopOptions

log = structlog.get_logger(__name__)


def run_loop(options: LoopOptions) -> int:
    """Run one loop in this process, or several in threads. Returns the exit code."""
    if options.jobs == 1:
        return run_until_stopped(build_loop(current_queue(), options))
    threads = JobThreads(lambda shared: build_loop(new_queue(), options, shared), jobs=options.jobs)
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
