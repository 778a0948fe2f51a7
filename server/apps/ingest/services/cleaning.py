"""Delete old refused uploads, and the surplus of each device or sender."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from server.apps.ingest.models import RefusedUpload
from server.core.storage import delete_object

KEEP: Final = timedelta(days=30)
KEEP_NEWEST: Final = 100
"""Per device; those without a device count per sender. Nobody may fill the disk with refused
uploads."""
_BATCH_SIZE: Final = 1000


def clean_refused_uploads(*, now: datetime) -> int:
    """Returns how many were deleted. Idempotent."""
    deleted = 0
    for refusal in _superfluous(now)[:_BATCH_SIZE]:
        if refusal.object_key:  # bytes first: a row without them is found and deleted by the next run
            delete_object(refusal.object_key)
        refusal.delete()
        deleted += 1
    return deleted


def _superfluous(now: datetime) -> QuerySet[RefusedUpload]:
    newest_first = [F("created_on").desc(), F("id").desc()]
    numbered = RefusedUpload.objects.annotate(
        place=Window(RowNumber(), partition_by=[F("device_id"), F("created_by_id")], order_by=newest_first)
    )
    return numbered.filter(Q(place__gt=KEEP_NEWEST) | Q(created_on__lt=now - KEEP)).order_by("created_on")
