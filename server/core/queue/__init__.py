"""The job queue. Services call `enqueue(job)`; the worker takes messages from `current_queue()`."""

from server.core.queue.backends import current_queue
from server.core.queue.contract import (
    MAX_BATCH,
    MAX_DELAY_SECONDS,
    Counts,
    DeadLetter,
    Delivery,
    JobPayload,
    JobRecord,
    Message,
    Outcome,
    Queue,
)
from server.core.queue.posting import enqueue, message_of, set_inline_runner, sweep_outbox

__all__ = [
    "MAX_BATCH",
    "MAX_DELAY_SECONDS",
    "Counts",
    "DeadLetter",
    "Delivery",
    "JobPayload",
    "JobRecord",
    "Message",
    "Outcome",
    "Queue",
    "current_queue",
    "enqueue",
    "message_of",
    "set_inline_runner",
    "sweep_outbox",
]
