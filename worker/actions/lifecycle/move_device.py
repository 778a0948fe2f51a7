from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.moving import run_move
from worker.operation import OperationAction


class MoveDevice(OperationAction[jobs.MoveDevice]):
    """Bring a device into another project."""

    max_seconds = 600

    def work(self, job: jobs.MoveDevice, report_progress: ReportProgress) -> None:
        run_move(job, report_progress)
