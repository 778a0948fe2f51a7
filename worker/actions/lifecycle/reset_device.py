from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.resetting import run_reset
from worker.operation import OperationAction


class ResetDevice(OperationAction[jobs.ResetDevice]):
    """Delete all that a device brought."""

    max_seconds = 3600

    def work(self, job: jobs.ResetDevice, report_progress: ReportProgress) -> None:
        run_reset(job, report_progress)
