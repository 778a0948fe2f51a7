from server.apps.accounts import jobs
from server.apps.accounts.services.messages import carry_out_message
from server.apps.activity.services.operations import ReportProgress
from worker.operation import OperationAction


class MessageMembers(OperationAction[jobs.MessageMembers]):
    """Post one mail for each member of an organisation who has one of the roles."""

    max_seconds = 300

    def work(self, job: jobs.MessageMembers, report_progress: ReportProgress) -> None:
        carry_out_message(job)
