"""Running jobs with USE_WORKER=False: in the process that posted them, once, after the commit."""

from server.core.queue import Message
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.log import current_log
from worker.assembly import build_bare_loop
from worker.jobrun import Dead, JobRun, Requeue
from worker.middleware.base import Middleware


class SingleAttempt(Middleware):
    """Nothing would run a job again here, so a job that would be retried becomes a dead letter and
    its operation fails."""

    def after(self, run: JobRun) -> None:
        if isinstance(run.verdict, Requeue):
            run.verdict = Dead(run.verdict.reason)


def run_inline(message: Message) -> None:
    """Run one message. A failure is logged and not raised."""
    queue = MemoryQueue()
    queue.send([message])
    build_bare_loop(queue, around_retries=[SingleAttempt()]).drain()
    for record in queue.records:
        current_log().write(record)
    queue.close()
