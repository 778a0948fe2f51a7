"""Post another job for reports whose job was lost: a queue outside the database may be purged, or
lose its disk."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import DateTimeField, F, Q, QuerySet, Value

from server.apps.ingest import jobs
from server.apps.ingest.models import StreamerReport
from server.core.queue import enqueue

log = structlog.get_logger(__name__)

LATE_AFTER: Final = timedelta(minutes=15)
AT_LEAST_EVERY: Final = timedelta(days=1)
GIVEN_UP_AFTER: Final = timedelta(days=7)
"""After this the message is not lost: the reason is among the dead letters."""


def requeue_waiting_reports(*, posted_before: datetime, limit: int) -> int:
    """Returns how many got a job, at most `limit`. `posted_before`: what was posted until then has
    left the queue, so a queue that is only long causes no second job. A superfluous job finds
    nothing to do."""
    with transaction.atomic():
        waiting = _waiting(posted_before - LATE_AFTER).select_for_update(skip_locked=True, of=("self",))
        reports = list(
            waiting.order_by("created_on").values_list("pk", "streamer__slug", "streamer__device__org")[
                :limit
            ]
        )
        StreamerReport.objects.filter(pk__in=[pk for pk, *_ in reports]).update(requeued_on=posted_before)
        for pk, streamer, org in reports:
            enqueue(jobs.ProcessReport(report_id=str(pk), streamer=streamer), org=org)
    if reports:
        log.warning("reports waited without a job", count=len(reports))
    return len(reports)


def _waiting(before: datetime) -> QuerySet[StreamerReport]:
    """A report gets further jobs after twice the wait, and once a day."""
    now = Value(before, output_field=DateTimeField())
    return (
        StreamerReport.objects.filter(
            status=StreamerReport.Status.RECEIVED,
            created_on__lt=before,
            created_on__gt=before - GIVEN_UP_AFTER,
        )
        .annotate(first_wait=F("requeued_on") - F("created_on"), last_wait=now - F("requeued_on"))
        .filter(
            Q(requeued_on=None)
            | Q(last_wait__gte=F("first_wait"))
            | Q(requeued_on__lt=before - AT_LEAST_EVERY)
        )
    )
