"""Running what waits on the queue, for tests of those who stand below the worker and may not know
it."""

from collections.abc import Callable

_runners: list[Callable[[], int]] = []


def run_with(runner: Callable[[], int]) -> None:
    """The root `conftest.py`, which may import the worker, sets how."""
    _runners[:] = [runner]


def run_waiting_jobs() -> int:
    """Until nothing is due; returns the number of runs. The first failure comes up here, after the
    rest has run."""
    return _runners[0]()
