"""The bytes of a report that came several times are kept once."""

import uuid

from django.db import transaction

from server.apps.ingest.models import StreamerReport
from server.core.storage import delete_object, get_object


def share_bytes(report_id: uuid.UUID) -> bool:
    """Let a report that brought nothing new refer to the bytes of an earlier, equal one, and delete
    its own. Returns whether there was one. Idempotent. Raises Unavailable.
    """
    with transaction.atomic():
        report = StreamerReport.objects.get(pk=report_id)
        own_key = report.object_key
        earlier = _earlier_like(report)
        if earlier is None or not _are_equal(earlier.object_key, own_key):
            return False
        StreamerReport.objects.filter(pk=report_id).update(object_key=earlier.object_key)
    # After the commit: a crash before this leaves an object too many, never a report without its
    # bytes.
    if not StreamerReport.objects.filter(object_key=own_key).exists():
        delete_object(own_key)
    return True


def _are_equal(key: str, other_key: str) -> bool:
    """Returns False for one object under two names, and for what is not there."""
    try:
        return key != other_key and get_object(key) == get_object(other_key)
    except FileNotFoundError:
        return False


def _earlier_like(report: StreamerReport) -> StreamerReport | None:
    """Returns the first report that has the same header and size, locked: `remove_reports` may be
    about to delete it."""
    return (
        StreamerReport.objects.select_for_update(skip_locked=True)
        .filter(
            streamer=report.streamer_id,
            file_deleted_on=None,
            created_on__lt=report.created_on,
            size_bytes=report.size_bytes,
            count=report.count,
            incremental_id=report.incremental_id,
            original_first_id=report.original_first_id,
            original_last_id=report.original_last_id,
        )
        .order_by("created_on")
        .first()
    )
