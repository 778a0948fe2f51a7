from server.apps.activity.services.operations import Progress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.resetting import carry_out_reset
from worker.operation import OperationAction


class ResetDevice(OperationAction[jobs.ResetDevice]):
    """Delete all that a device brought."""

    max_seconds = 3600

    def work(self, job: jobs.ResetDevice, progress: Progress) -> None:
        carry_out_reset(job, progress)
