"""The queue's figures for `/metrics`: measured on request, at most once in a few seconds, and never
by a job."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.core.errors import Unavailable
from server.core.queue.backends import current_queue
from server.core.queue.contract import Depth

KEEP_S: Final = 5.0


class QueueFigures(Collector):
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._depth: Depth | None = None
        self._measured_at_s: float | None = None

    def collect(self) -> Iterator[Metric]:
        depth = self._recent_depth()
        answers = GaugeMetricFamily("fieldline_queue_up", "1 while the queue answers.")
        answers.add_metric([], float(depth is not None))
        yield answers
        if depth is not None:
            yield from _families(depth)

    def _recent_depth(self) -> Depth | None:
        """Returns None while the queue does not answer."""
        with self._lock:
            now = self._clock()
            if self._measured_at_s is None or now - self._measured_at_s >= KEEP_S:
                self._depth, self._measured_at_s = _depth(), now
            return self._depth


def _depth() -> Depth | None:
    try:
        return current_queue().depth()
    except Unavailable:
        return None


def _families(depth: Depth) -> Iterator[Metric]:
    """Every process reports the same figures, so use their maximum and not their sum."""
    jobs = GaugeMetricFamily("fieldline_queue_jobs", "Jobs by where they are.", labels=["state"])
    for state, count in (("waiting", depth.waiting), ("in_hand", depth.in_flight), ("dead", depth.dead)):
        jobs.add_metric([state], count)
    yield jobs
    if depth.oldest_waiting_s is not None or depth.waiting == 0:
        oldest = GaugeMetricFamily(
            "fieldline_queue_oldest_waiting_seconds", "How long the oldest due job has waited."
        )
        oldest.add_metric([], depth.oldest_waiting_s or 0.0)
        yield oldest
