from django.utils import timezone

from server.core.queue import jobs
from server.core.queue.watching.workers import clean_worker_processes
from worker.action import Action


class CleanWorkerProcesses(Action[jobs.CleanWorkerProcesses]):
    """Delete rows of worker processes that have not been seen for a day."""

    def execute(self, job: jobs.CleanWorkerProcesses) -> None:
        clean_worker_processes(now=timezone.now())
