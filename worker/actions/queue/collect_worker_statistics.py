from django.utils import timezone

from server.core.queue import jobs
from server.core.queue.watching.statistics import collect_days
from worker.action import Action


class CollectWorkerStatistics(Action[jobs.CollectWorkerStatistics]):
    """Count the jobs of past days, by Action."""

    max_seconds = 600

    def execute(self, job: jobs.CollectWorkerStatistics) -> None:
        collect_days(now=timezone.now())
