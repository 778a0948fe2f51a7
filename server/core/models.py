"""Where Django looks for the models of `core`."""

from server.core.durable import DurableEntry
from server.core.listening import Listening
from server.core.mail.models import CausedMail
from server.core.queue.models import (
    ActionDay,
    DailyCount,
    DeadJob,
    Job,
    JobLog,
    OutboxMessage,
    PeriodicRun,
    QueuePause,
    WorkerCheck,
    WorkerProcess,
)
from server.core.quotas import RequestDay
from server.core.rest.models import IdempotentAnswer
from server.core.sessions import BrowserSession
from server.core.small_objects import SmallObject

__all__ = [
    "ActionDay",
    "BrowserSession",
    "CausedMail",
    "DailyCount",
    "DeadJob",
    "DurableEntry",
    "IdempotentAnswer",
    "Job",
    "JobLog",
    "Listening",
    "OutboxMessage",
    "PeriodicRun",
    "QueuePause",
    "RequestDay",
    "SmallObject",
    "WorkerCheck",
    "WorkerProcess",
]
