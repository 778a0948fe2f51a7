from server.apps.accounts.services import carrying_out, finished
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.project_deleting import carry_out_project_deletion
from worker.action import Action


class DeleteProject(Action[jobs.DeleteProject]):
    """Delete a project with its data."""

    max_seconds = 3600

    def execute(self, job: jobs.DeleteProject) -> None:
        if finished(job.pid):
            return
        with carrying_out(job.pid) as progress:
            carry_out_project_deletion(job, progress)
