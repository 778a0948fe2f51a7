"""Marks an operation as failed when its job becomes a dead letter, so that nobody waits for it
forever."""

from server.apps.activity.services.operations import fail_operation
from worker.jobrun import Dead, JobRun
from worker.middleware.base import Middleware


class Operations(Middleware):
    """Outside of Retries, which sets the verdict. The job of an operation has its `pid`."""

    def after(self, run: JobRun) -> None:
        pid = getattr(run.job, "pid", None)
        if isinstance(run.verdict, Dead) and isinstance(pid, str):
            fail_operation(pid)
