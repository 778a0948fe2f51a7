"""Delete what a device sent: reports with their files, refused uploads, acknowledgements. Which ids
were received is remembered."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from server.apps.ingest.models import RefusedUpload, Streamer, StreamerReport
from server.apps.streams.services.emptying import (
    delete_open_reports,
    release_ids,
    remove_ledger_rows,
    withhold_released_ids,
)
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
    """Let the device's streamers send all of it again, as long as it stays in its organisation."""
    streamers = Streamer.objects.filter(device=device_id)
    release_ids(_keys_of(device_id))
    streamers.update(has_stored=False)


def withhold_from_next_owner(device_id: int) -> None:
    """Cover again what a full reset let the device send again. Call it when the device leaves its
    organisation: what one owner had, or deleted, never comes to the next one."""
    withheld = withhold_released_ids(_keys_of(device_id))
    Streamer.objects.filter(pk__in=withheld).update(has_stored=True)


def forget_open_reports(device_id: int) -> None:
    """Stop waiting for reboots that would move readings which are deleted."""
    delete_open_reports(_keys_of(device_id))


def _keys_of(device_id: int) -> list[int]:
    return list(Streamer.objects.filter(device=device_id).values_list("pk", flat=True))
