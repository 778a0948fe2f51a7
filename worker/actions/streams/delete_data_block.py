from server.apps.activity.services.operations import ReportProgress
from server.apps.streams import jobs
from server.apps.streams.services.blocks import run_block_deletion
from worker.operation import OperationAction


class DeleteDataBlock(OperationAction[jobs.DeleteDataBlock]):
    """Delete an archive with its data."""

    max_seconds = 3600

    def work(self, job: jobs.DeleteDataBlock, report_progress: ReportProgress) -> None:
        run_block_deletion(job, report_progress)
