"""Timing of two things in turn, so that a drift of the machine's speed affects both alike."""

import statistics
import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def paired_medians(
    figure: Callable[[int], float], baseline: Callable[[int], float], *, runs: int, warm_up: int = 3
) -> tuple[float, float]:
    """Returns the medians of both. Each callable gets the number of the run and returns the seconds
    that count."""
    figures, baselines = [], []
    for run in range(runs + warm_up):
        one, other = figure(run), baseline(run)
        if run >= warm_up:
            figures.append(one)
            baselines.append(other)
    return statistics.median(figures), statistics.median(baselines)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
