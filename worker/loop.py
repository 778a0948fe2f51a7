"""The loop of the worker: receive, dispatch, acknowledge. Everything else that a job needs is
middleware.

The loop survives every message, job and outage: an error of a job affects that job only, and while
the queue or a database is unavailable, the loop waits a little longer each time.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from server.core.errors import Unavailable
from server.core.queue import Counts, Delivery, Queue
from server.core.wake import Wake
from worker.action import Action
from worker.arguments import BadArguments, parse
from worker.jobrun import Dead, Done, JobRun, Requeue
from worker.middleware.base import Middleware

log = structlog.get_logger(__name__)

FIRST_REST_S: Final = 0.1
LONGEST_REST_S: Final = 5.0
PAUSE_CHECK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class LoopOptions:
    jobs: int = 1  # at a time in one process, each in a thread with a loop of its own
    long_jobs: int = 0  # beside them, for the lane of long jobs; 0: the others take both lanes
    batch: int = 1  # more saves a round trip per job, but jobs behind a slow one wait for it
    wait_seconds: float = 5.0
    visible_after_seconds: int = 30
    idle_exit_seconds: float | None = None  # None: run until stopped
    metrics_port: int = 0  # 0: no /metrics


class Loop:
    """`actions` is the registry; `middleware` runs in this order before a job and in reverse after
    it. `is_paused` is called before every job, so it must be cheap."""

    def __init__(
        self,
        queue: Queue,
        actions: Mapping[str, type[Action[Any]]],
        middleware: Sequence[Middleware],
        options: LoopOptions | None = None,
        *,
        is_paused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._queue = queue
        self._actions = {name: action() for name, action in actions.items()}
        self._middleware = tuple(middleware)
        self._options = options or LoopOptions()
        self._is_paused = is_paused
        self._wake = Wake()
        self._stopping = False
        self._failures_in_a_row = 0

    def run(self) -> None:
        """Run until `stop`, or until there was no job for `idle_exit_seconds`."""
        self._call_hooks(lambda one: one.starting())
        last_job_s = time.monotonic()
        while not self._stopping:
            if self.run_once():
                last_job_s = time.monotonic()
            elif self._idle_for_long(time.monotonic() - last_job_s):
                break
        self._call_hooks(lambda one: one.stopping())

    def drain(self) -> int:
        """Run the jobs that are due now, without waiting. Returns the number of runs."""
        runs = 0
        while done := self.run_once(wait_seconds=0):
            runs += done
        return runs

    def stop(self) -> None:
        """Finish the current job, then end. Safe in a signal handler."""
        self._stopping = True
        self._queue.interrupt()
        self._wake.set()

    def run_once(self, *, wait_seconds: float | None = None) -> int:
        """Receive once and run what came. Returns the number of runs."""
        wait_seconds = self._options.wait_seconds if wait_seconds is None else wait_seconds
        if self._is_paused():
            self._rest_while_paused(wait_seconds)
            return 0
        self._call_hooks(lambda one: one.before_receive())
        deliveries = self._receive(wait_seconds)
        self._call_hooks(lambda one: one.received(deliveries))
        if not deliveries:
            self._call_hooks(lambda one: one.idle())
        for delivery in deliveries:
            if self._stopping or self._is_paused():  # a pause may have begun during the receive
                self._release(delivery)
            else:
                self._process(delivery)
        return len(deliveries)

    def _rest_while_paused(self, wait_seconds: float) -> None:
        self._call_hooks(lambda one: one.paused())
        if not self._stopping:
            self._wake.wait(min(wait_seconds, PAUSE_CHECK_S))

    def _receive(self, wait_seconds: float) -> list[Delivery]:
        try:
            deliveries = self._queue.receive(
                most=self._options.batch,
                wait_seconds=wait_seconds,
                visible_after_seconds=self._options.visible_after_seconds,
            )
        except Unavailable as error:
            self._back_off(error)
            return []
        if not deliveries:
            self._failures_in_a_row = 0
        return deliveries

    def _process(self, delivery: Delivery) -> None:
        run = JobRun(delivery)
        try:
            self._resolve(run)
            for one in self._middleware:
                one.before(run)
            if run.verdict is None and run.action is not None:
                run.action.execute(run.job)
                run.verdict = Done()
        except Exception as error:  # noqa: BLE001  the retries middleware decides what any error means
            run.error = error
        except SystemExit as error:  # only an operator may stop a worker
            run.error = RuntimeError(f"The job called exit({error.code!r}).")
        self._call_hooks(lambda one: one.after(run), reverse=True)
        self._acknowledge(run)

    def _resolve(self, run: JobRun) -> None:
        message = run.delivery.message
        if message is None:
            run.verdict = Dead("The message cannot be read.")
            return
        run.action = self._actions.get(message.action)
        if run.action is None:
            run.verdict = Dead(f"No Action is registered as {message.action!r}.")
            return
        try:
            run.job = parse(run.action.payload, message.arguments)
        except BadArguments as error:
            run.verdict = Dead(f"The arguments do not fit: {error}.")

    def _acknowledge(self, run: JobRun) -> None:
        try:
            self._apply_verdict(run)
        except Unavailable as error:  # the message is delivered again when its visibility time ends
            self._back_off(error)
            return
        if isinstance(run.verdict, Requeue) and run.verdict.counts is Counts.DEFERRAL:
            self._back_off(run.error)
        else:
            self._failures_in_a_row = 0

    def _apply_verdict(self, run: JobRun) -> None:
        match run.verdict:
            case Done():
                self._queue.delete(run.delivery, record=run.record)
            case Dead(reason):
                self._queue.move_to_dead_letters(run.delivery, reason=reason, record=run.record)
            case Requeue(delay_seconds, counts):
                self._queue.release(
                    run.delivery, delay_seconds=delay_seconds, counts=counts, record=run.record
                )
            case None:
                log.error("failed job without a verdict; it comes again", exc_info=run.error)

    def _release(self, delivery: Delivery) -> None:
        try:
            self._queue.release(delivery, delay_seconds=0, counts=Counts.NOTHING)
        except Unavailable as error:
            self._back_off(error)

    def _back_off(self, error: Exception | None) -> None:
        """Wait while a part is unavailable, so that an outage does not keep a core busy. The next
        success resets the delay."""
        rest_s = min(LONGEST_REST_S, FIRST_REST_S * 2 ** min(self._failures_in_a_row, 10))
        self._failures_in_a_row += 1
        log.warning(
            "worker rests", seconds=rest_s, reason=str(error), cause=repr(getattr(error, "__cause__", None))
        )
        if not self._stopping:
            self._wake.wait(rest_s)

    def _idle_for_long(self, idle_s: float) -> bool:
        limit = self._options.idle_exit_seconds
        return limit is not None and idle_s >= limit

    def _call_hooks(self, call: Callable[[Middleware], None], *, reverse: bool = False) -> None:
        """Call a hook of every middleware; an error of one does not stop the others."""
        for one in reversed(self._middleware) if reverse else self._middleware:
            try:
                call(one)
            except Exception:  # middleware must not end the loop
                log.exception("worker middleware failed", middleware=type(one).__name__)
