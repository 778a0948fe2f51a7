"""Where Django looks for the models of `core`."""

from server.core.queue.models import DeadJob, Job, JobLog, OutboxMessage, PeriodicRun
from server.core.rest.models import IdempotentAnswer

__all__ = ["DeadJob", "IdempotentAnswer", "Job", "JobLog", "OutboxMessage", "PeriodicRun"]
