"""The worker log: for back ends that cannot write it with the acknowledgement, and its clean-up."""

from datetime import timedelta

import structlog
from django.db import Error
from django.db.models.functions import Now

from server.core.queue.base import JobRecord
from server.core.queue.models import JobLog

log = structlog.get_logger(__name__)


def write(record: JobRecord) -> None:
    """Never fails: a job is not lost for its log row."""
    try:
        JobLog.objects.create(
            message_id=record.message_id,
            action=record.action,
            arguments=dict(record.arguments),
            attempt=record.attempt,
            outcome=record.outcome.value,
            detail=record.detail,
            duration_ms=record.duration_ms,
        )
    except (Error, ValueError, TypeError, RecursionError) as error:
        log.warning("job log row not written", job=record.message_id, reason=str(error))


def clean(*, older_than_days: int) -> int:
    """Forget old rows; returns how many."""
    old = JobLog.objects.filter(finished_on__lt=Now() - timedelta(days=older_than_days))
    count, _ = old.delete()
    return count
