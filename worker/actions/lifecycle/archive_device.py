from server.apps.activity.services.operations import ReportProgress
from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.archiving import run_archive
from worker.operation import OperationAction


class ArchiveDevice(OperationAction[jobs.ArchiveDevice]):
    """Give what a device measured to a data block."""

    max_seconds = 600

    def work(self, job: jobs.ArchiveDevice, report_progress: ReportProgress) -> None:
        run_archive(job, report_progress)
