"""Delete what a device sent: reports with their files, refused uploads, acknowledgements."""

from datetime import datetime
from typing import Final

from django.db.models import Q

from server.apps.ingest.models import RefusedUpload, Streamer, StreamerReport
from server.apps.streams.services.emptying import remove_ledger_rows, remove_progress
from server.core.storage import delete_object

_BATCH_SIZE: Final = 500


def remove_reports(device_id: int, *, before: datetime | None = None) -> None:
    """Raises Unavailable."""
    wanted = Q(streamer__device=device_id)
    if before is not None:
        wanted &= Q(created_on__lt=before)
    while reports := list(StreamerReport.objects.filter(wanted).order_by("pk")[:_BATCH_SIZE]):
        for report in reports:  # files first: a row without one is found and deleted by the next run
            delete_object(report.object_key)
        found = [report.pk for report in reports]
        remove_ledger_rows(found)
        StreamerReport.objects.filter(pk__in=found).delete()


def remove_refused_uploads(device_id: int) -> None:
    while refused := list(RefusedUpload.objects.filter(device=device_id).order_by("pk")[:_BATCH_SIZE]):
        for upload in refused:
            if upload.object_key:
                delete_object(upload.object_key)
        RefusedUpload.objects.filter(pk__in=[upload.pk for upload in refused]).delete()


def reset_acknowledgements(device_id: int) -> None:
    """Forget what the device's streamers have stored, so that it may send all of it again."""
    streamers = Streamer.objects.filter(device=device_id)
    remove_progress(list(streamers.values_list("pk", flat=True)))
    streamers.update(has_stored=False)
