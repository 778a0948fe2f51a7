from typing import Final

from server.core.queue import enqueue, jobs, sweep_outbox
from worker.action import Action

AT_ONCE: Final = 100  # messages in one transaction


class SweepOutbox(Action[jobs.SweepOutbox]):
    """Send messages that could not be sent on commit."""

    def execute(self, job: jobs.SweepOutbox) -> None:
        if sweep_outbox(limit=AT_ONCE) == AT_ONCE:
            enqueue(job)
