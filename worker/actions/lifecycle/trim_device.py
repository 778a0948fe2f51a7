from server.apps.accounts.services import carrying_out, finished
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.trimming import carry_out_trim
from worker.action import Action


class TrimDevice(Action[jobs.TrimDevice]):
    """Delete what a device measured outside of a stretch of time."""

    max_seconds = 3600

    def execute(self, job: jobs.TrimDevice) -> None:
        if finished(job.pid):
            return
        with carrying_out(job.pid) as progress:
            carry_out_trim(job, progress)
