from server.apps.lifecycle import jobs
from server.apps.lifecycle.services.repairs.forgetting import forget_old_repairs
from worker.action import Action


class ForgetOldRepairs(Action[jobs.ForgetOldRepairs]):
    """Forget repairs that are too old to be undone, and the rows kept for that."""

    max_seconds = 900

    def execute(self, job: jobs.ForgetOldRepairs) -> None:
        forget_old_repairs()
