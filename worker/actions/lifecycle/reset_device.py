from server.apps.accounts.services import carrying_out, finished
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.resetting import carry_out_reset
from worker.action import Action


class ResetDevice(Action[jobs.ResetDevice]):
    """Delete all that a device brought."""

    max_seconds = 3600

    def execute(self, job: jobs.ResetDevice) -> None:
        if finished(job.pid):
            return
        with carrying_out(job.pid) as progress:
            carry_out_reset(job, progress)
