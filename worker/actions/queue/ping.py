import structlog

from server.core.queue import jobs
from worker.action import Action

log = structlog.get_logger(__name__)


class Ping(Action[jobs.Ping]):
    """Write a line to the log, to test whether jobs run."""

    def execute(self, job: jobs.Ping) -> None:
        log.info("ping", message=job.message[:1000])
