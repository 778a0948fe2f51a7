"""Where the worker log is kept: in the core database or in DynamoDB, by the setting WORKER_LOG."""

from functools import cache
from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from server.core.queue.log.base import WorkerLog

LOGS: Final = {  # import paths, so that boto3 is loaded only where it is used
    "postgres": "server.core.queue.log.postgres.PostgresWorkerLog",
    "dynamodb": "server.core.queue.log.dynamodb.DynamoWorkerLog",
}


def current_log() -> WorkerLog:
    """Returns the log of this process and its settings."""
    return _create_log(
        settings.WORKER_LOG, settings.DYNAMODB_URL, settings.WORKER_LOG_TABLE, settings.AWS_REGION
    )


@cache
def _create_log(kind: str, endpoint: str, table: str, region: str) -> WorkerLog:
    if kind not in LOGS:
        raise ImproperlyConfigured(f"WORKER_LOG is {kind!r}; it takes {', '.join(LOGS)}.")
    arguments: dict[str, Any] = {}
    if kind == "dynamodb":
        arguments = {"table": table, "region": region, "endpoint": endpoint}
    return cast(WorkerLog, import_string(LOGS[kind])(**arguments))
