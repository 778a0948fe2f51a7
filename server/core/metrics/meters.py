"""Every meter, in one table. Label values are names that the program knows, never text of a client:
a series is never removed.

Processes that are watched as one (the web processes; a worker and its children) share the folder
PROMETHEUS_MULTIPROC_DIR: each writes its figures there, and the one that is asked adds them up. The
folder should be empty at the start.
"""

import os
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

FOLDER: Final = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if FOLDER:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)

# A second line per series that says when it began; nothing reads it.
disable_created_metrics()  # type: ignore[no-untyped-call]
METERS: Final = CollectorRegistry()
JOB_BUCKETS_S: Final = (0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300)
REQUEST_BUCKETS_S: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 1, 5, 20)

JOBS: Final = Counter(
    "fieldline_jobs",
    "Runs of jobs by how they ended: done, retried, deferred or dead.",
    ("action", "outcome"),
    registry=METERS,
)
JOB_SECONDS: Final = Histogram(
    "fieldline_job_seconds",
    "How long runs of jobs took, however they ended.",
    ("action",),
    buckets=JOB_BUCKETS_S,
    registry=METERS,
)
UPLOADS: Final = Counter(
    "fieldline_uploads",
    "Uploaded reports: taken, refused (with the reason), or failed because a part was unavailable.",
    ("outcome", "reason"),
    registry=METERS,
)
READINGS: Final = Counter(
    "fieldline_readings",
    "Readings of processed reports: stored, duplicate or refused.",
    ("outcome",),
    registry=METERS,
)
HTTP_REQUESTS: Final = Counter(
    "fieldline_http_requests",
    "Answered requests.",
    ("view", "method", "status"),
    registry=METERS,
)
HTTP_SECONDS: Final = Histogram(
    "fieldline_http_request_seconds",
    "From the request to the beginning of the response.",
    ("view", "method"),
    buckets=REQUEST_BUCKETS_S,
    registry=METERS,
)
DATABASE_CONNECTIONS: Final = Counter(
    "fieldline_database_connections_opened",
    "Connections opened; each is kept for as long as its process or thread lives.",
    ("database",),
    registry=METERS,
)
DATABASE_ERRORS: Final = Counter(
    "fieldline_database_errors",
    "Errors of a database by kind; OperationalError and InterfaceError mean that it is unavailable.",
    ("database", "kind"),
    registry=METERS,
)
WORKER_LOG_ROWS_LOST: Final = Counter(
    "fieldline_worker_log_rows_lost",
    "Rows that could not be written to the worker log. No job is lost with them.",
    registry=METERS,
)
WORKER_INCIDENTS: Final = Counter(
    "fieldline_worker_incidents",
    "Checks of the worker that found something wrong, by what.",
    ("kind",),
    registry=METERS,
)
