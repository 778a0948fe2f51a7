"""Deletion of what streams hold: readings, events, and the large parts of events on the object
store."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from server.apps.activity.services.operations import ReportProgress
from server.apps.streams.services.event_data import delete_event_objects
from server.apps.streams.store.removing import (
    NOTHING,
    ClosedTimeRange,
    count_readings_outside,
    delete_ledger_rows,
    delete_open_reports,
    events_outside,
    release_ids,
    remove_events,
    remove_readings,
    withhold_released_ids,
)

__all__ = [
    "ClosedTimeRange",
    "delete_open_reports",
    "release_ids",
    "remove_data",
    "remove_ledger_rows",
    "withhold_released_ids",
]

_UP_TO_PERCENT = 95
"""Progress when the rows are deleted; the rest is quick."""


def remove_data(
    stream_keys: Sequence[int],
    *,
    report_progress: ReportProgress,
    start: datetime | None = None,
    end: datetime | None = None,
) -> int:
    """Delete all data of streams, or what is outside of two times (both inclusive), a portion at a
    time. Run again, it continues where it stopped.

    Returns how many readings it deleted. Raises Unavailable.
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
    """Delete events and their large parts."""
    # Bytes first: an event without its bytes can be found and deleted again, bytes without an event
    # cannot.
    while events := events_outside(stream_keys, kept):
        keys = {event.object_key for event in events if event.object_key is not None}
        delete_event_objects(keys, of=[event.uuid for event in events])
        remove_events(stream_keys, events)


def remove_ledger_rows(reports: Sequence[uuid.UUID]) -> None:
    """Delete the ledger rows of reports."""
    delete_ledger_rows(reports)
