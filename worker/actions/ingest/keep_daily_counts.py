from django.utils import timezone

from server.apps.ingest import jobs
from server.apps.ingest.services.counting import keep_daily_counts
from worker.action import Action


class KeepDailyCounts(Action[jobs.KeepDailyCounts]):
    """Store today's counts of everything on this installation."""

    max_seconds = 600

    def execute(self, job: jobs.KeepDailyCounts) -> None:
        keep_daily_counts(now=timezone.now())
