"""What happens to a message after a failure, by the class of the error.

| error | what happens |
|---|---|
| Retry | run again after its delay; counts as an attempt |
| Discard, and our own errors without `retry` | dead letter at once |
| our own errors with `retry`, and databases that do not answer | deferred, for a day at most; not an attempt |
| anything else: an error of the program | run again after 2, 8, 32 … seconds, `max_attempts` times, then dead letter |
"""

import random
import traceback
from typing import Any, Final

import psycopg2
from django.db import InterfaceError, OperationalError

from server.core.errors import FieldlineError
from server.core.queue import MAX_DELAY_SECONDS, Counts, Delivery
from worker.action import Action, Discard, Retry
from worker.jobrun import Dead, JobRun, Requeue, Verdict
from worker.middleware.base import Middleware

# COPY bypasses Django's cursor, so the driver's own errors come up too.
CONNECTION_ERRORS: Final = (
    OperationalError,
    InterfaceError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
)
LONGEST_DEFERRAL_S: Final = 60
MAX_DEFERRALS: Final = 1440  # a day at the longest delay
LONGEST_BACK_OFF_S: Final = 300
MAX_REASON: Final = 4000  # characters; the end of a traceback is the most useful part


class Retries(Middleware):
    def before(self, run: JobRun) -> None:
        """Stops a job that ends its worker each time: such a run never gets to `after`."""
        if run.verdict is None and run.action is not None and run.delivery.attempt > run.action.max_attempts:
            run.verdict = Dead(f"It was started {run.delivery.attempt - 1} times and never ended.")

    def after(self, run: JobRun) -> None:
        if run.error is not None and run.action is not None:
            run.verdict = verdict_for(run.error, run.delivery, run.action)


def verdict_for(error: Exception, delivery: Delivery, action: Action[Any]) -> Verdict:
    if isinstance(error, Discard):
        return Dead(str(error))
    if isinstance(error, CONNECTION_ERRORS) or (isinstance(error, FieldlineError) and error.retry):
        return _defer(error, delivery)
    if isinstance(error, FieldlineError) or delivery.attempt >= action.max_attempts:
        return Dead(_traceback_of(error))
    delay = error.delay_seconds if isinstance(error, Retry) else back_off_seconds(delivery.attempt)
    return Requeue(min(delay, MAX_DELAY_SECONDS), Counts.ATTEMPT, one_line(error))


def _defer(error: Exception, delivery: Delivery) -> Verdict:
    if delivery.deferred >= MAX_DEFERRALS:
        return Dead(_traceback_of(error))
    delay = _with_jitter(min(LONGEST_DEFERRAL_S, 2 ** min(delivery.deferred, 10)))
    return Requeue(delay, Counts.DEFERRAL, one_line(error))


def back_off_seconds(attempt: int) -> int:
    return _with_jitter(min(LONGEST_BACK_OFF_S, 2 * 4 ** min(attempt - 1, 10)))


def _with_jitter(seconds: int) -> int:
    """Adds up to a quarter, so that jobs that failed together are not retried together."""
    return seconds + round(seconds * random.uniform(0, 0.25))


def one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


def _traceback_of(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-MAX_REASON:]
