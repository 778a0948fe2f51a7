"""Assembles the worker: which middleware, in which order."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from server.core.queue import Queue
from server.core.queue.watching.pausing import PauseWatch
from worker.action import Action
from worker.loop import Loop, LoopOptions
from worker.middleware.base import Middleware
from worker.middleware.connections import Connections
from worker.middleware.heartbeat import heartbeat_of_this_process
from worker.middleware.key_order import KeyOrder
from worker.middleware.logging import Logging
from worker.middleware.metrics import Metrics, ServeMetrics
from worker.middleware.operations import Operations
from worker.middleware.retries import Retries
from worker.middleware.time_limit import TimeLimit
from worker.middleware.turns import Turns
from worker.middleware.visibility import Visibility
from worker.periodic import PostPeriodicJobs
from worker.registry import ACTIONS


@dataclass(frozen=True, slots=True)
class SharedParts:
    """What the loops of one process share; everything else handles one job at a time."""

    end: Callable[[int], object] = os._exit
    """Ends the process when a job does not end."""
    pause: PauseWatch = field(default_factory=PauseWatch)
    periodic: PostPeriodicJobs = field(default_factory=PostPeriodicJobs)


def build_loop(queue: Queue, options: LoopOptions, shared: SharedParts | None = None) -> Loop:
    """The first middleware is the outermost: its `before` runs first and its `after` last."""
    shared = shared or SharedParts()
    middleware: list[Middleware] = [
        Logging(),
        Metrics(),
        heartbeat_of_this_process(),
        Operations(),
        Retries(),
        Connections(),
        Visibility(queue, visible_after_seconds=options.visible_after_seconds),
        TimeLimit(end=shared.end),
        shared.periodic,
    ]
    if options.metrics_port:
        middleware.append(ServeMetrics(settings.METRICS_HOST, options.metrics_port))
    if not queue.ordered:
        middleware.append(KeyOrder())
    if not queue.gives_turns:
        middleware.insert(0, Turns(queue))
    return Loop(queue, ACTIONS, middleware, options, is_paused=shared.pause.is_paused)


def build_bare_loop(
    queue: Queue,
    *,
    actions: Mapping[str, type[Action[Any]]] = ACTIONS,
    outermost: Sequence[Middleware] = (),
    around_retries: Sequence[Middleware] = (),
) -> Loop:
    """A loop without threads and periodic jobs, for jobs that run inline in another process."""
    middleware = [*outermost, Logging(), Metrics(), Operations(), *around_retries, Retries()]
    return Loop(queue, actions, middleware, LoopOptions(wait_seconds=0))
