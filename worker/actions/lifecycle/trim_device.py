from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.trimming import run_trim
from worker.operation import OperationAction


class TrimDevice(OperationAction[jobs.TrimDevice]):
    """Delete what a device measured outside of a stretch of time."""

    max_seconds = 3600

    def work(self, job: jobs.TrimDevice, report_progress: ReportProgress) -> None:
        run_trim(job, report_progress)
