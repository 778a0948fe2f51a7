"""Delete repairs, with the rows that were kept to undo them."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from server.apps.lifecycle.models import Repair
from server.apps.streams.services import repairing

KEPT_DAYS: Final = 90
_BATCH_SIZE: Final = 500


def forget_repairs_of_device(device_id: int) -> None:
    """For a device whose data is deleted or no longer its owner's: nothing can be undone, and plans
    show readings. Raises Unavailable."""
    repairs = Repair.objects.filter(device=device_id)
    repairing.delete_repairs(list(repairs.values_list("pk", flat=True)))
    repairs.delete()


def forget_old_repairs() -> int:
    """Delete those older than KEPT_DAYS, in batches. Returns how many. Raises Unavailable."""
    before, forgotten = timezone.now() - timedelta(days=KEPT_DAYS), 0
    finished = {Repair.State.PLANNED, Repair.State.DONE, Repair.State.UNDONE, Repair.State.FAILED}
    old = Repair.objects.filter(created_on__lt=before, state__in=finished).order_by("pk")
    while found := list(old.values_list("pk", flat=True)[:_BATCH_SIZE]):
        repairing.delete_repairs(found)
        Repair.objects.filter(pk__in=found).delete()
        forgotten += len(found)
    return forgotten
