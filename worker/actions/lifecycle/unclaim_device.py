from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.unclaiming import carry_out_unclaim
from worker.operation import OperationAction


class UnclaimDevice(OperationAction[jobs.UnclaimDevice]):
    """Take a device out of its project."""

    max_seconds = 3600

    def work(self, job: jobs.UnclaimDevice, report_progress: ReportProgress) -> None:
        carry_out_unclaim(job, report_progress)
