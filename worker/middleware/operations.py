"""An operation whose job goes to the dead letters has failed: who asked for it must not wait forever."""

from server.apps.activity.services.operations import fail_operation
from worker.jobrun import Dead, JobRun
from worker.middleware.base import Middleware


class Operations(Middleware):
    """Stands around Retries, which decides. A job that belongs to an operation carries its `pid`."""

    def after(self, run: JobRun) -> None:
        pid = getattr(run.job, "pid", None)
        if isinstance(run.verdict, Dead) and isinstance(pid, str):
            fail_operation(pid)
