"""Stored data that cannot be true, reported once in a note for people to look at. Nothing is
repaired here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import transaction

from server.apps.accounts.models import Org
from server.apps.streams.models import StreamId, StreamNote
from server.apps.streams.store.anomalies import (
    next_streams,
    streams_with_early_readings,
    streams_with_future_readings,
    streams_with_wrong_counts,
)
from server.core.durable import durable_cache
from server.lib.timeseries import MOST_AHEAD

BEFORE_DEVICES: Final = datetime(2001, 1, 1, tzinfo=UTC)
"""Earlier readings are anomalies; a clock that was never set begins at 1970 or 2000."""
STREAMS_PER_RUN: Final = 500
"""Streams whose hours are summed up in one run. The next run continues after them, and starts over
at the end."""
_PLACE: Final = "streams-counted-up-to"


@dataclass(frozen=True, slots=True)
class Anomaly:
    target: str
    org: Org | None
    text: str


def find_anomalies(*, now: datetime) -> list[Anomaly]:
    """Return the anomalies of all current streams. Raises Unavailable."""
    future = {odd.stream_key for odd in streams_with_future_readings(after=now + MOST_AHEAD)}
    early = {odd.stream_key for odd in streams_with_early_readings(before=BEFORE_DEVICES)}
    wrong = set(streams_with_wrong_counts(_next_stream_keys()))
    streams = StreamId.objects.select_related("device", "org").filter(block=None)
    found = []
    for stream in streams.filter(key__in=future | early | wrong).order_by("key"):
        if stream.key in future:
            found.append(_anomaly_of(stream, "lie in the future: a clock was wrong when they were uploaded."))
        if stream.key in early:
            found.append(
                _anomaly_of(stream, "are of a time before 2001: a clock was not set when they were uploaded.")
            )
        if stream.key in wrong:
            found.append(_anomaly_of(stream, "do not add up to its hourly counts: recompute the hours."))
    return found


def _anomaly_of(stream: StreamId, what: str) -> Anomaly:
    target = stream.device.slug if stream.device is not None else stream.slug
    return Anomaly(target, stream.org, f"Readings of {stream.slug} {what}")


def _next_stream_keys() -> list[int]:
    keys = next_streams(after=durable_cache.get(_PLACE, 0), most=STREAMS_PER_RUN)
    durable_cache.set(_PLACE, keys[-1] if len(keys) == STREAMS_PER_RUN else 0, timeout=None)
    return keys


@transaction.atomic
def add_anomaly_notes(anomalies: Iterable[Anomaly], *, now: datetime) -> list[Anomaly]:
    """Add a system note for each anomaly of an organisation that has none yet. Returns those
    anomalies."""
    new = _not_noted([each for each in dict.fromkeys(anomalies) if each.org is not None])
    StreamNote.objects.bulk_create(
        StreamNote(
            org=each.org,
            target=each.target,
            type=StreamNote.Type.SYSTEM_CRITICAL,
            timestamp=now,
            note=each.text,
        )
        for each in new
    )
    return new


def _not_noted(anomalies: Sequence[Anomaly]) -> list[Anomaly]:
    notes = StreamNote.objects.filter(
        type=StreamNote.Type.SYSTEM_CRITICAL, target__in={each.target for each in anomalies}
    )
    noted = set(notes.order_by().values_list("target", "note"))
    return [each for each in anomalies if (each.target, each.text) not in noted]
