from server.apps.accounts.services import carrying_out, finished
from server.apps.streams import jobs, services
from worker.action import Action


class DeleteDataBlock(Action[jobs.DeleteDataBlock]):
    """Delete an archive with its data."""

    max_seconds = 3600

    def execute(self, job: jobs.DeleteDataBlock) -> None:
        if finished(job.pid):
            return
        with carrying_out(job.pid) as progress:
            services.carry_out_block_deletion(job, progress)
