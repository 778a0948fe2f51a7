from server.apps.activity.services.operations import Progress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.repairs.carrying_out import carry_out_repair
from worker.operation import OperationAction


class RepairDevice(OperationAction[jobs.RepairDevice]):
    """Apply a planned repair."""

    max_seconds = 900

    def work(self, job: jobs.RepairDevice, progress: Progress) -> None:
        carry_out_repair(job, progress)
