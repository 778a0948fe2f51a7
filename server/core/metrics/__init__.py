"""Metrics of a process, for Prometheus. Every meter is in `meters.py`; docs/operations/watching.md
explains each."""

from server.core.metrics.exposition import exposition, register_collector
from server.core.metrics.meters import (
    DATABASE_CONNECTIONS,
    DATABASE_ERRORS,
    HTTP_REQUESTS,
    HTTP_SECONDS,
    JOB_SECONDS,
    JOBS,
    READINGS,
    UPLOADS,
    WORKER_INCIDENTS,
    WORKER_LOG_ROWS_LOST,
)

__all__ = [
    "DATABASE_CONNECTIONS",
    "DATABASE_ERRORS",
    "HTTP_REQUESTS",
    "HTTP_SECONDS",
    "JOBS",
    "JOB_SECONDS",
    "READINGS",
    "UPLOADS",
    "WORKER_INCIDENTS",
    "WORKER_LOG_ROWS_LOST",
    "exposition",
    "register_collector",
]
