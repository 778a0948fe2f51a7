from server.apps.activity.services.operations import Progress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.project_deleting import carry_out_project_deletion
from worker.operation import OperationAction


class DeleteProject(OperationAction[jobs.DeleteProject]):
    """Delete a project with its data."""

    max_seconds = 3600

    def work(self, job: jobs.DeleteProject, progress: Progress) -> None:
        carry_out_project_deletion(job, progress)
