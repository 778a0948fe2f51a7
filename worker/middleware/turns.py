"""Sends the next message of an organisation when one of it is done, on a queue that gives no turns
(`server.core.queue.outbox`)."""

from server.core.queue import Queue
from server.core.queue.outbox import message_done
from worker.jobrun import Dead, Done, JobRun
from worker.middleware.base import Middleware


class Turns(Middleware):
    """The outermost, since only then the verdict is final."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def after(self, run: JobRun) -> None:
        if run.delivery.message is not None and isinstance(run.verdict, Done | Dead):
            message_done(self._queue, run.delivery.message)
