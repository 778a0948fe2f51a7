"""Delete what a device sent: reports with their files, refused uploads, acknowledgements."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from server.apps.ingest.models import RefusedUpload, Streamer, StreamerReport
from server.apps.streams.services.emptying import remove_ledger_rows, remove_progress
from server.core.storage import delete_objects

_BATCH_SIZE: Final = 500


def remove_reports(device_id: int, *, before: datetime | None = None) -> None:
    """Raises Unavailable."""
    wanted = Q(streamer__device=device_id)
    if before is not None:
        wanted &= Q(created_on__lt=before)
    while _remove_portion(wanted):
        pass


@transaction.atomic
def _remove_portion(wanted: Q) -> bool:
    """Returns whether there was something to delete."""
    # Locked, so that no later report begins to share the bytes of one of these meanwhile
    # (`share_bytes`).
    locked = StreamerReport.objects.filter(wanted).select_for_update(of=("self",)).order_by("pk")
    portion = dict(locked.values_list("pk", "object_key")[:_BATCH_SIZE])
    keys = set(portion.values())
    others = StreamerReport.objects.filter(object_key__in=keys).exclude(pk__in=portion)
    # Files first: a row without one is found and deleted by the next run.
    delete_objects(keys - set(others.values_list("object_key", flat=True)))
    remove_ledger_rows(list(portion))
    StreamerReport.objects.filter(pk__in=portion).delete()
    return bool(portion)


def remove_refused_uploads(device_id: int) -> None:
    while refused := list(RefusedUpload.objects.filter(device=device_id).order_by("pk")[:_BATCH_SIZE]):
        delete_objects(upload.object_key for upload in refused if upload.object_key)
        RefusedUpload.objects.filter(pk__in=[upload.pk for upload in refused]).delete()


def reset_acknowledgements(device_id: int) -> None:
    """Forget what the device's streamers have stored, so that it may send all of it again."""
    streamers = Streamer.objects.filter(device=device_id)
    remove_progress(list(streamers.values_list("pk", flat=True)))
    streamers.update(has_stored=False)
