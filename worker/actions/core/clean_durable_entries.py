from server.core import jobs
from server.core.durable import clean_durable_entries
from worker.action import Action


class CleanDurableEntries(Action[jobs.CleanDurableEntries]):
    """Delete expired counters of limits, used codes and locks."""

    max_seconds = 600

    def execute(self, job: jobs.CleanDurableEntries) -> None:
        while clean_durable_entries():
            pass
