from typing import ClassVar

from django.utils import timezone

from server.apps.ingest import jobs
from server.apps.ingest.services.forwarding import MAX_ATTEMPTS, Outcome, forward_report
from worker.action import Action, Discard, Retry


class ForwardReport(Action[jobs.ForwardReport]):
    """Forward one stored report to another server."""

    max_seconds: ClassVar[int] = 120
    max_attempts: ClassVar[int] = MAX_ATTEMPTS + 10
    """The service counts its tries and gives up by itself; the rest are for workers that died with
    the job."""

    def execute(self, job: jobs.ForwardReport) -> None:
        attempt = forward_report(report_id=job.report_id, now=timezone.now())
        if attempt.outcome is Outcome.RETRY:
            raise Retry(attempt.delay_seconds, attempt.reason)
        if attempt.outcome is Outcome.GIVEN_UP:
            raise Discard(attempt.reason)
