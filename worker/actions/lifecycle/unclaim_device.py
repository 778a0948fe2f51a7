from server.apps.accounts.services import carrying_out, finished
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.unclaiming import carry_out_unclaim
from worker.action import Action


class UnclaimDevice(Action[jobs.UnclaimDevice]):
    """Take a device out of its project."""

    max_seconds = 3600

    def execute(self, job: jobs.UnclaimDevice) -> None:
        if finished(job.pid):
            return
        with carrying_out(job.pid) as progress:
            carry_out_unclaim(job, progress)
