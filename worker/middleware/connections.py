"""Closes broken database connections, so that the next job opens new ones. Only after a failure and
when idle, so that a job that succeeds does not pay for the check."""

from django.db import close_old_connections

from worker.jobrun import JobRun
from worker.middleware.base import Middleware


class Connections(Middleware):
    def after(self, run: JobRun) -> None:
        if run.error is not None:
            close_old_connections()

    def idle(self) -> None:
        close_old_connections()
