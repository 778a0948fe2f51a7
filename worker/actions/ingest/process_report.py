from server.apps.ingest import jobs
from server.apps.ingest.services.forwarding import forward_if_configured
from server.apps.ingest.services.processing import process_report, push_report
from worker.action import Action


class ProcessReport(Action[jobs.ProcessReport]):
    """Turn one stored report into readings, notify open pages, and forward it where that is
    configured."""

    max_seconds = 120

    def execute(self, job: jobs.ProcessReport) -> None:
        stored = process_report(report_id=job.report_id)
        if stored is not None:
            push_report(stored)
            forward_if_configured(stored)
