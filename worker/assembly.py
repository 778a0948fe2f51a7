"""The worker, put together: which middleware, in which order."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.core.queue import Queue
from worker.action import Action
from worker.loop import Loop, LoopOptions
from worker.middleware.base import Middleware
from worker.middleware.connections import Connections
from worker.middleware.key_order import KeyOrder
from worker.middleware.logging import Logging
from worker.middleware.operations import Operations
from worker.middleware.retries import Retries
from worker.middleware.time_limit import TimeLimit
from worker.middleware.visibility import Visibility
from worker.periodic import PostPeriodicJobs
from worker.registry import ACTIONS


def build_loop(queue: Queue, options: LoopOptions) -> Loop:
    """The first is outermost: it begins first and ends last."""
    middleware: list[Middleware] = [
        Logging(),
        Operations(),
        Retries(),
        Connections(),
        Visibility(queue, visible_after_seconds=options.visible_after_seconds),
        TimeLimit(),
        PostPeriodicJobs(),
    ]
    if not queue.ordered:
        middleware.append(KeyOrder())
    return Loop(queue, ACTIONS, middleware, options)


def build_bare_loop(
    queue: Queue, *, actions: Mapping[str, type[Action[Any]]] = ACTIONS, outermost: Sequence[Middleware] = ()
) -> Loop:
    """Without threads and periodic jobs: for a job that runs inside somebody else's process."""
    return Loop(queue, actions, [*outermost, Logging(), Operations(), Retries()], LoopOptions(wait_seconds=0))
