from datetime import datetime
from typing import Final

from django.utils import timezone

from server.apps.ingest import jobs
from server.apps.ingest.services.requeueing import requeue_waiting_reports
from worker.action import Action

AT_ONCE: Final = 500  # reports in one transaction


class RequeueWaitingReports(Action[jobs.RequeueWaitingReports]):
    """Post another job for reports whose job was lost."""

    def execute(self, job: jobs.RequeueWaitingReports) -> None:
        if not job.posted_before:
            self.schedule(jobs.RequeueWaitingReports(posted_before=timezone.now().isoformat()))
            return
        posted_before = datetime.fromisoformat(job.posted_before)
        if requeue_waiting_reports(posted_before=posted_before, limit=AT_ONCE) == AT_ONCE:
            self.schedule(job)
