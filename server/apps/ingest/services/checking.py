"""Find stored data that cannot be true."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from server.apps.ingest.models import Streamer
from server.apps.streams.selectors.ledger import streamers_with_late_boots
from server.apps.streams.services.anomalies import Anomaly, add_anomaly_notes, find_anomalies

_BOOT_TOLERANCE: Final = timedelta(hours=1)


def check_stream_data(*, now: datetime) -> list[Anomaly]:
    """Returns the new anomalies; each becomes one note on its device. Raises Unavailable."""
    found = [*find_anomalies(now=now), *_booted_late()]
    return add_anomaly_notes(found, now=now)


def _booted_late() -> Iterator[Anomaly]:
    keys = streamers_with_late_boots(tolerance=_BOOT_TOLERANCE)
    for streamer in Streamer.objects.select_related("device__org").filter(pk__in=keys).order_by("pk"):
        text = f"The newest boot of {streamer.slug} is later than the report that brought it: a clock jumps."
        yield Anomaly(streamer.device.slug, streamer.device.org, text)
