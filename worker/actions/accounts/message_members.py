from server.apps.accounts import jobs, services
from worker.action import Action


class MessageMembers(Action[jobs.MessageMembers]):
    """Post one mail for each member of an organisation who has one of the roles."""

    max_seconds = 300

    def execute(self, job: jobs.MessageMembers) -> None:
        if services.finished(job.pid):
            return
        with services.carrying_out(job.pid):
            services.carry_out_message(job)
