"""The worker log as a table of the core database."""

import json
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.db import Error, connection
from django.db.models.functions import Now

from server.core.queue.contract import JobRecord
from server.core.queue.log.base import ActionRow, RunRow
from server.core.queue.models import JobLog

log = structlog.get_logger(__name__)

# One pass over the index on `finished_on`: the percentiles need every duration.
TALLIES: Final = """
    SELECT action,
           count(*),
           count(*) FILTER (WHERE outcome = 'done'),
           count(*) FILTER (WHERE outcome = 'retried'),
           count(*) FILTER (WHERE outcome = 'deferred'),
           count(*) FILTER (WHERE outcome = 'dead'),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE outcome = 'done'),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE outcome = 'done'),
           max(finished_on),
           sum(duration_ms)
    FROM core_joblog
    WHERE finished_on >= %(since)s AND (%(until)s::timestamptz IS NULL OR finished_on < %(until)s)
    GROUP BY action
    ORDER BY action
"""


class PostgresWorkerLog:
    written_by_queue = True

    def write(self, record: JobRecord) -> None:
        try:
            JobLog.objects.create(
                message_id=record.message_id,
                action=record.action,
                arguments=json.loads(json.dumps(record.arguments, default=str)),
                attempt=record.attempt,
                outcome=record.outcome.value,
                detail=record.detail,
                duration_ms=record.duration_ms,
            )
        except (Error, ValueError, TypeError, RecursionError) as error:
            log.warning("job log row not written", job=record.message_id, reason=str(error))

    def runs(self, *, action: str, outcome: str, before: datetime | None, most: int) -> list[RunRow]:
        rows = JobLog.objects.order_by("-finished_on", "-id")
        rows = rows.filter(action=action) if action else rows
        rows = rows.filter(outcome=outcome) if outcome else rows
        rows = rows.filter(finished_on__lt=before) if before else rows
        return [_row(each) for each in rows[:most]]

    def runs_of(self, message_id: str) -> list[RunRow]:
        rows = JobLog.objects.filter(message_id=message_id).order_by("-finished_on", "-id")
        return [_row(each) for each in rows]

    def tallies(self, *, since: datetime, until: datetime | None) -> list[ActionRow]:
        with connection.cursor() as cursor:
            cursor.execute(TALLIES, {"since": since, "until": until})
            return [_tally(row) for row in cursor.fetchall()]

    def clean(self, *, older_than_days: int) -> int:
        old = JobLog.objects.filter(finished_on__lt=Now() - timedelta(days=older_than_days))
        count, _ = old.delete()
        return count


def _row(row: JobLog) -> RunRow:
    return RunRow(
        message_id=row.message_id,
        action=row.action,
        arguments=row.arguments,
        attempt=row.attempt,
        outcome=row.outcome,
        detail=row.detail,
        duration_ms=row.duration_ms,
        finished_on=row.finished_on,
    )


def _tally(row: tuple[Any, ...]) -> ActionRow:
    action, runs, done, retried, deferred, dead, p50, p95, last_on, total = row
    return ActionRow(action, runs, done, retried, deferred, dead, p50, p95, last_on, total)
