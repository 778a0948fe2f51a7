"""Where Django looks for the models of `core`."""

from server.core.queue.models import DeadJob, Job, JobLog, OutboxMessage, PeriodicRun

__all__ = ["DeadJob", "Job", "JobLog", "OutboxMessage", "PeriodicRun"]
