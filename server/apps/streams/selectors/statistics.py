"""Counts of the whole installation."""

from datetime import datetime

from django.db.models import Q

from server.apps.streams.models import StreamId, StreamNote
from server.apps.streams.store.statistics import count_all_events, count_all_readings


def count_streams_and_data(*, since: datetime | None) -> dict[str, int]:
    """Return the counts by name. `since`: streams created, and data and notes dated, then or later.
    The original cloud marks estimates with a star."""
    made = Q() if since is None else Q(created_on__gte=since)
    noted = Q() if since is None else Q(timestamp__gte=since)
    return {
        "EnabledStreams": StreamId.objects.filter(made, enabled=True).count(),
        "StreamData*": count_all_readings(since=since),
        "StreamEvents*": count_all_events(since=since),
        "StreamNotes": StreamNote.objects.filter(noted).count(),
    }
