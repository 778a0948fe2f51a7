from server.core.rest import jobs
from server.core.rest.idempotency import clean_idempotent_answers
from worker.action import Action


class CleanIdempotentAnswers(Action[jobs.CleanIdempotentAnswers]):
    """Delete old answers that were kept for repeated requests."""

    max_seconds = 600

    def execute(self, job: jobs.CleanIdempotentAnswers) -> None:
        clean_idempotent_answers()
