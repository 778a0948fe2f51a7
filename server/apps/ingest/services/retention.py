"""Delete the files of old reports. Their rows, and what was stored of them, stay."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from server.apps.ingest.models import StreamerReport
from server.core.storage import delete_objects

_BATCH_SIZE: Final = 500
_PROCESSED: Final = (StreamerReport.Status.STORED, StreamerReport.Status.FAILED)


def clean_report_files(*, now: datetime, keep_days: int) -> int:
    """Returns how many reports lost their file. `keep_days` 0 keeps all. A report that waits keeps
    its file however old it is. Idempotent. Raises Unavailable."""
    cleaned = 0
    while keep_days and (portion := _clean_portion(now, now - timedelta(days=keep_days))):
        cleaned += portion
    return cleaned


@transaction.atomic
def _clean_portion(now: datetime, before: datetime) -> int:
    # Locked, so that no later report begins to share the bytes of one of these meanwhile
    # (`share_bytes`).
    old = StreamerReport.objects.filter(
        file_deleted_on=None, created_on__lt=before, status__in=_PROCESSED
    ).select_for_update(of=("self",), skip_locked=True)
    portion = dict(old.order_by("created_on").values_list("pk", "object_key")[:_BATCH_SIZE])
    keys = set(portion.values())
    others = StreamerReport.objects.filter(object_key__in=keys, file_deleted_on=None).exclude(pk__in=portion)
    # Files first: a row without one is found again by the next run.
    delete_objects(keys - set(others.values_list("object_key", flat=True)))
    StreamerReport.objects.filter(pk__in=portion).update(file_deleted_on=now)
    return len(portion)
