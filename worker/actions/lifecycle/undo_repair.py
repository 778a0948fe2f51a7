from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.repairs.undoing import run_undo
from worker.operation import OperationAction


class UndoRepair(OperationAction[jobs.UndoRepair]):
    """Take a repair back."""

    max_seconds = 900

    def work(self, job: jobs.UndoRepair, report_progress: ReportProgress) -> None:
        run_undo(job, report_progress)
