from django.utils import timezone

from server.apps.ingest import jobs, services
from worker.action import Action


class KeepDailyCounts(Action[jobs.KeepDailyCounts]):
    """Write down how much there is of everything today."""

    max_seconds = 600

    def execute(self, job: jobs.KeepDailyCounts) -> None:
        services.keep_daily_counts(now=timezone.now())
