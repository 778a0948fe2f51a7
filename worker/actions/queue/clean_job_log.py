from server.core.queue import jobs
from server.core.queue.log import current_log
from server.core.queue.log.base import KEEP_DAYS
from worker.action import Action


class CleanJobLog(Action[jobs.CleanJobLog]):
    """Delete old rows of the worker log."""

    max_seconds = 600

    def execute(self, job: jobs.CleanJobLog) -> None:
        current_log().clean(older_than_days=KEEP_DAYS)
