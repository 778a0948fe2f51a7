from server.apps.accounts.services import carrying_out, finished
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.moving import carry_out_move
from worker.action import Action


class MoveDevice(Action[jobs.MoveDevice]):
    """Bring a device into another project."""

    max_seconds = 600

    def execute(self, job: jobs.MoveDevice) -> None:
        if finished(job.pid):
            return
        with carrying_out(job.pid) as progress:
            carry_out_move(job, progress)
