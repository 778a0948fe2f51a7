"""USE_WORKER=False: a job runs in the process that posted it, once, after the commit."""

from server.core.queue import Message
from server.core.queue.backends.memory import MemoryQueue
from server.core.queue.log import current_log
from worker.assembly import build_bare_loop
from worker.jobrun import Dead, JobRun, Requeue
from worker.middleware.base import Middleware


class SingleAttempt(Middleware):
    """There is nobody to try again: what would come again is dead, and its operation has failed."""

    def after(self, run: JobRun) -> None:
        if isinstance(run.verdict, Requeue):
            run.verdict = Dead(run.verdict.reason)


def run_inline(message: Message) -> None:
    """A failure is logged and goes no further."""
    queue = MemoryQueue()
    queue.send([message])
    build_bare_loop(queue, around_retries=[SingleAttempt()]).drain()
    for record in queue.records:
        current_log().write(record)
    queue.close()
