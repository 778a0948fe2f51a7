from server.apps.accounts.services import carrying_out, finished
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services import repairs
from worker.action import Action


class UndoRepair(Action[jobs.UndoRepair]):
    """Take a repair back."""

    max_seconds = 900

    def execute(self, job: jobs.UndoRepair) -> None:
        if finished(job.pid):
            return
        with carrying_out(job.pid) as progress:
            repairs.carry_out_undo(job, progress)
