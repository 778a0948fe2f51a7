"""How much data streams hold, in all or outside of two times. Every function raises Unavailable."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from server.apps.streams.models import StreamId
from server.apps.streams.selectors.blocks import StreamCount
from server.apps.streams.store import removing
from server.apps.streams.store.reads import count_readings
from server.apps.streams.store.removing import ClosedTimeRange, count_events, count_readings_outside


def holds_data(streams: Iterable[StreamId]) -> bool:
    return bool(removing.holds_data([stream.key for stream in streams]))


def count_data(streams: Iterable[StreamId]) -> StreamCount:
    keys = [stream.key for stream in streams]
    return StreamCount(count_readings(keys, start=None, end=None), count_events(keys, start=None, end=None))


def count_outside(
    streams: Iterable[StreamId], *, start: datetime | None, end: datetime | None
) -> StreamCount:
    """Count the data before `start` and after `end`."""
    keys = [stream.key for stream in streams]
    return StreamCount(
        count_readings_outside(keys, ClosedTimeRange(start, end)), _count_events_outside(keys, start, end)
    )


def _count_events_outside(keys: list[int], start: datetime | None, end: datetime | None) -> int:
    early = 0 if start is None else count_events(keys, start=None, end=start)
    if end is None:
        return early
    return early + count_events(keys, start=end + timedelta(microseconds=1), end=None)


def count_with_readings_outside(
    streams: Iterable[StreamId], *, start: datetime | None, end: datetime | None
) -> int:
    """Count the streams with a reading before `start` or after `end`."""
    return sum(count_readings_outside([stream.key], ClosedTimeRange(start, end)) > 0 for stream in streams)
