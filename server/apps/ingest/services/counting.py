"""Daily counts of what is on this installation."""

from datetime import UTC, datetime, timedelta

from server.apps.devices.selectors.statistics import count_devices
from server.apps.ingest.models import RefusedUpload
from server.apps.ingest.selectors import count_everything
from server.core.daily_counts import record_counts

LAST_DAY = timedelta(days=1)


def keep_daily_counts(*, now: datetime) -> None:
    """For the present day (UTC). Idempotent: a later count of the same day replaces an earlier
    one."""
    devices = count_devices(heard_since=now - LAST_DAY)
    refused = RefusedUpload.objects.filter(created_on__gte=now - LAST_DAY).count()
    counts = {
        **count_everything(since=None),
        "Devices": devices.all,
        "HeardDevices": devices.heard,
        "SilentDevices": devices.failing,
        "RefusedUploads": refused,
    }
    record_counts(now.astimezone(UTC).date(), counts)
