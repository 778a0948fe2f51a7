from typing import ClassVar

from django.utils import timezone

from server.apps.ingest import jobs
from server.apps.ingest.services.forwarding import MOST_ATTEMPTS, Outcome, forward_report
from worker.action import Action, Discard, Retry


class ForwardReport(Action[jobs.ForwardReport]):
    """Bring one stored report to another server."""

    max_seconds: ClassVar[int] = 120
    max_attempts: ClassVar[int] = MOST_ATTEMPTS + 10
    """The service counts, and says when it is enough; these are for workers that died with the job."""

    def execute(self, job: jobs.ForwardReport) -> None:
        tried = forward_report(report_id=job.report_id, now=timezone.now())
        if tried.outcome is Outcome.AGAIN:
            raise Retry(tried.delay_seconds, tried.reason)
        if tried.outcome is Outcome.GIVEN_UP:
            raise Discard(tried.reason)
