"""What streams hold is deleted: readings, events, and what of events is on the object store."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from server.apps.activity.services.operations import Progress
from server.apps.streams.store.removing import (
    NOTHING,
    ClosedTimeRange,
    count_readings_outside,
    delete_ledger_rows,
    delete_progress,
    events_outside,
    remove_events,
    remove_readings,
)
from server.core.storage import delete_object

__all__ = ["ClosedTimeRange", "remove_data", "remove_ledger_rows", "remove_progress"]

_UP_TO_PERCENT = 95
"""What comes after the rows is quick."""


def remove_data(
    stream_keys: Sequence[int],
    *,
    report_progress: Progress,
    start: datetime | None = None,
    end: datetime | None = None,
) -> int:
    """All of it, or what is not between two times (both inclusive). A portion at a time; run again, it goes on where it stopped.

    Answers how many readings it deleted. Raises Unavailable.
    """
    kept = ClosedTimeRange(start, end)
    total = count_readings_outside(stream_keys, kept)
    removed = 0
    for portion in remove_readings(stream_keys, kept):
        removed += portion
        report_progress(
            min(_UP_TO_PERCENT, removed * _UP_TO_PERCENT // max(total, 1)), f"{removed} readings deleted."
        )
    _remove_events(stream_keys, kept)
    return removed


def _remove_events(stream_keys: Sequence[int], kept: ClosedTimeRange = NOTHING) -> None:
    """Bytes first: an event without them can be found and deleted again, bytes without an event by nobody."""
    while events := events_outside(stream_keys, kept):
        for event in events:
            if event.object_key is not None:
                delete_object(event.object_key)
        remove_events(stream_keys, events)


def remove_ledger_rows(reports: Sequence[uuid.UUID]) -> None:
    """Their rows in the ledger."""
    delete_ledger_rows(reports)


def remove_progress(streamer_keys: Sequence[int]) -> None:
    """Their acknowledgements: what they bring again is taken again."""
    delete_progress(streamer_keys)
