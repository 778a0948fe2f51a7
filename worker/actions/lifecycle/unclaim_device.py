from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.unclaiming import run_unclaim
from worker.operation import OperationAction


class UnclaimDevice(OperationAction[jobs.UnclaimDevice]):
    """Take a device out of its project."""

    max_seconds = 3600

    def work(self, job: jobs.UnclaimDevice, report_progress: ReportProgress) -> None:
        run_unclaim(job, report_progress)
