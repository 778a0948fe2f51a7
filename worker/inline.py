"""USE_WORKER=False: a job runs in the process that posted it, once, after the commit."""

import structlog

from server.core.queue import Message, joblog
from server.core.queue.memory import MemoryQueue
from worker.assembly import build_bare_loop

log = structlog.get_logger(__name__)


def run_inline(message: Message) -> None:
    """A failure is logged and goes no further: there is nobody to try again."""
    queue = MemoryQueue()
    queue.send([message])
    build_bare_loop(queue).drain()
    for record in queue.records:
        joblog.write(record)
    if left := queue.depth().waiting:
        log.error("inline job gave up", job=message.id, action=message.action, waiting=left)
    queue.close()
