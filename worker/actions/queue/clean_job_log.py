from typing import Final

from server.core.queue import joblog, jobs
from worker.action import Action

KEEP_DAYS: Final = 30


class CleanJobLog(Action[jobs.CleanJobLog]):
    """Forget old rows of the worker log."""

    max_seconds = 600

    def execute(self, job: jobs.CleanJobLog) -> None:
        joblog.clean(older_than_days=KEEP_DAYS)
