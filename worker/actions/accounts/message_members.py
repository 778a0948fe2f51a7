from server.apps.accounts import jobs
from server.apps.accounts.services.messages import run_message
from server.apps.activity.services.operations import ReportProgress
from worker.operation import OperationAction


class MessageMembers(OperationAction[jobs.MessageMembers]):
    """Send one mail to each member of an organisation who has one of the roles."""

    max_seconds = 300

    def work(self, job: jobs.MessageMembers, report_progress: ReportProgress) -> None:
        run_message(job)
