from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.repairs.applying import carry_out_repair
from worker.operation import OperationAction


class RepairDevice(OperationAction[jobs.RepairDevice]):
    """Apply a planned repair."""

    max_seconds = 900

    def work(self, job: jobs.RepairDevice, report_progress: ReportProgress) -> None:
        carry_out_repair(job, report_progress)
