from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.project_deleting import run_project_deletion
from worker.operation import OperationAction


class DeleteProject(OperationAction[jobs.DeleteProject]):
    """Delete a project with its data."""

    max_seconds = 3600

    def work(self, job: jobs.DeleteProject, report_progress: ReportProgress) -> None:
        run_project_deletion(job, report_progress)
