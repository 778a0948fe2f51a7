from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.repairs.applying import run_repair
from worker.operation import OperationAction


class RepairDevice(OperationAction[jobs.RepairDevice]):
    """Apply a planned repair."""

    max_seconds = 900

    def work(self, job: jobs.RepairDevice, report_progress: ReportProgress) -> None:
        run_repair(job, report_progress)
