from server.apps.ingest import jobs, services
from worker.action import Action


class ProcessReport(Action[jobs.ProcessReport]):
    """Turn one stored report into readings, tell the open pages, and send it on where somebody wants that."""

    max_seconds = 120

    def execute(self, job: jobs.ProcessReport) -> None:
        stored = services.process_report(report_id=job.report_id)
        if stored is not None:
            services.announce(stored)
            services.forward_if_wanted(stored)
