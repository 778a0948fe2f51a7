from django.conf import settings
from django.utils import timezone

from server.apps.ingest import jobs
from server.apps.ingest.services.quotas import delete_old_days
from server.apps.ingest.services.retention import clean_report_files
from worker.action import Action


class CleanReportFiles(Action[jobs.CleanReportFiles]):
    """Delete the files of old processed reports, where REPORT_FILES_KEEP_DAYS says so, and what
    quotas counted before QUOTA_DAYS_KEEP_DAYS."""

    max_seconds = 3600

    def execute(self, job: jobs.CleanReportFiles) -> None:
        now = timezone.now()
        delete_old_days(now=now, keep_days=settings.QUOTA_DAYS_KEEP_DAYS)
        clean_report_files(now=now, keep_days=settings.REPORT_FILES_KEEP_DAYS)
