from server.apps.accounts.services import carrying_out, finished
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.archiving import carry_out_archive
from worker.action import Action


class ArchiveDevice(Action[jobs.ArchiveDevice]):
    """Give what a device measured to a data block."""

    max_seconds = 600

    def execute(self, job: jobs.ArchiveDevice) -> None:
        if finished(job.pid):
            return
        with carrying_out(job.pid) as progress:
            carry_out_archive(job, progress)
