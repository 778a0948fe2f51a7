"""Broken database connections are closed, so that the next job opens good ones.

Only after a failure and in idle moments: Django's check costs a query for each database, which a job that went well need
not pay.
"""

from django.db import close_old_connections

from worker.jobrun import JobRun
from worker.middleware.base import Middleware


class Connections(Middleware):
    def after(self, run: JobRun) -> None:
        if run.error is not None:
            close_old_connections()

    def idle(self) -> None:
        close_old_connections()
