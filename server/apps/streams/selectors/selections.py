"""The rows that a request selects: streams, time ranges of each that may be shown, and a filter;
read by the page or all."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, TypeVar

from django.db.models import Q
from django.utils import timezone

from server.apps.accounts.selectors.accounts import is_member
from server.apps.devices.models import Device
from server.apps.streams.models import StreamAlias
from server.apps.streams.selectors.readings import (
    DataStream,
    PageRequest,
    Reader,
    Rows,
    StaffReader,
    data_stream_of_key,
    data_streams_matching,
    paged_rows,
    readings_between,
    streams_of_keys,
)
from server.apps.streams.store import aggregates
from server.apps.streams.store.aggregates import Summary
from server.apps.streams.store.batch import Kind, ReadingBatch
from server.apps.streams.store.columns import all_batches_of
from server.apps.streams.store.events import event_of_uuid
from server.apps.streams.store.newest import Table, newest_ends
from server.apps.streams.store.reads import EventRecord, Reading, latest_of
from server.apps.streams.store.row_queries import (
    NO_FILTER,
    Position,
    RowFilter,
    RowQuery,
    StreamTimeRange,
    all_readings_of,
    count_of,
    events_of,
    position_after,
    readings_of,
)
from server.core.errors import NotFound
from server.lib.slugs import AliasSlug, parse_any

__all__ = [
    "NO_FILTER",
    "EventRecord",
    "Kind",
    "Position",
    "Reading",
    "RowFilter",
    "StreamTimeRange",
    "Summary",
]  # types of the store that the API may use

Row = TypeVar("Row", Reading, EventRecord)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a request. `masked`: nothing outside the mask of a device or data block."""

    start: datetime | None = None
    end: datetime | None = None
    masked: bool = False
    row_filter: RowFilter = NO_FILTER


@dataclass(frozen=True, slots=True)
class Selection:
    streams: Sequence[DataStream]
    ranges: Sequence[StreamTimeRange]
    row_filter: RowFilter = NO_FILTER


def selection_of(streams: Sequence[DataStream], bounds: Bounds) -> Selection:
    return _selection(streams, [StreamTimeRange(stream.key) for stream in streams], bounds)


def up_to_newest(selection: Selection, table: Table) -> Selection:
    """Return the selection without what is later than the newest row of a stream, where the request
    gives no end."""
    open_ended = {time_range.stream_key for time_range in selection.ranges if time_range.end is None}
    ends = newest_ends(table, open_ended, now=timezone.now()) if open_ended else {}
    if not ends:
        return selection
    cut = [
        time_range if time_range.end is not None else time_range._replace(end=ends.get(time_range.stream_key))
        for time_range in selection.ranges
    ]
    return replace(selection, ranges=_without_empty(cut))


def _without_empty(ranges: Sequence[StreamTimeRange]) -> list[StreamTimeRange]:
    return [s for s in ranges if s.start is None or s.end is None or s.start < s.end]


def selection_matching(reader: Reader, filter_slug: str, bounds: Bounds) -> Selection:
    """Return what the slug of a stream, device, data block, variable or alias selects; nothing if
    it may not be read. Raises SlugError."""
    wanted = parse_any(filter_slug)
    if isinstance(wanted, AliasSlug):
        taps = _tap_ranges(reader, wanted)
        streams = streams_of_keys(reader, sorted({tap.stream_key for tap in taps}))
        return _selection(streams, taps, bounds)
    return selection_of(data_streams_matching(reader, filter_slug), bounds)


def _tap_ranges(reader: Reader, slug: AliasSlug) -> list[StreamTimeRange]:
    """Return the streams of an alias, each from the time of its tap to that of the next."""
    if isinstance(reader, Device):
        return []
    seen = Q() if isinstance(reader, StaffReader) else Q(is_member(reader))
    alias = StreamAlias.objects.filter(seen, slug=str(slug)).first()
    if alias is None:
        return []
    taps = list(alias.taps.order_by("timestamp").values_list("stream_id", "timestamp"))
    ends = [later[1] for _, later in pairwise(taps)] + [None]
    return [StreamTimeRange(key, start, end) for (key, start), end in zip(taps, ends, strict=False)]


def _selection(streams: Sequence[DataStream], ranges: Sequence[StreamTimeRange], bounds: Bounds) -> Selection:
    """Return the ranges within the bounds, without empty ones and those of streams that may not be
    read."""
    known = {stream.key: stream for stream in streams}
    cut = [
        _within_bounds(time_range, known[time_range.stream_key], bounds)
        for time_range in ranges
        if time_range.stream_key in known
    ]
    return Selection(streams, _without_empty(cut), bounds.row_filter)


def _within_bounds(time_range: StreamTimeRange, stream: DataStream, bounds: Bounds) -> StreamTimeRange:
    starts, ends = [time_range.start, bounds.start], [time_range.end, bounds.end]
    if bounds.masked:
        starts.append(stream.mask_start)
        ends.append(stream.mask_end)
    return StreamTimeRange(
        time_range.stream_key,
        max((moment for moment in starts if moment is not None), default=None),
        min((moment for moment in ends if moment is not None), default=None),
    )


@dataclass(frozen=True, slots=True)
class _Readings:
    selection: Selection

    def count(self) -> int:
        return count_of("reading", self.selection.ranges, self.selection.row_filter)

    def page(self, *, limit: int, offset: int = 0, newest: bool = False) -> list[Reading]:
        query = replace(_query(self.selection), limit=limit, offset=offset, newest=newest)
        return readings_of(query)


@dataclass(frozen=True, slots=True)
class _Events:
    selection: Selection

    def count(self) -> int:
        return count_of("event", self.selection.ranges, self.selection.row_filter)

    def page(self, *, limit: int, offset: int = 0, newest: bool = False) -> list[EventRecord]:
        return events_of(replace(_query(self.selection), limit=limit, offset=offset, newest=newest))


def _query(selection: Selection, after: Position | None = None) -> RowQuery:
    return RowQuery(selection.ranges, selection.row_filter, after)


def paged_selection(selection: Selection, page_request: PageRequest) -> tuple[list[Reading], int]:
    """Return the page, ascending by time, and the number of readings on all pages. Raises NotFound
    for a page past the end."""
    if page_request.lastn is not None:
        selection = up_to_newest(selection, "reading")
    bounds = {(time_range.start, time_range.end) for time_range in selection.ranges}
    if not selection.row_filter and len(bounds) <= 1:
        start, end = next(iter(bounds), (None, None))
        keys = {time_range.stream_key for time_range in selection.ranges}
        rows: Rows[Reading] = readings_between([s for s in selection.streams if s.key in keys], start, end)
        return paged_rows(rows, page_request, counts_are_cheap=start is None)
    return paged_rows(_Readings(selection), page_request, counts_are_cheap=False)


def paged_events(selection: Selection, page_request: PageRequest) -> tuple[list[EventRecord], int]:
    if page_request.lastn is not None:
        selection = up_to_newest(selection, "event")
    return paged_rows(_Events(selection), page_request, counts_are_cheap=False)


def readings_after(
    selection: Selection, after: Position | None, *, limit: int
) -> tuple[list[Reading], Position | None]:
    """Return the page that starts at a position, and the position of the next page; None after the
    last one."""
    return _with_next_position(readings_of(replace(_query(selection, after), limit=limit + 1)), after, limit)


def events_after(
    selection: Selection, after: Position | None, *, limit: int
) -> tuple[list[EventRecord], Position | None]:
    return _with_next_position(events_of(replace(_query(selection, after), limit=limit + 1)), after, limit)


def _with_next_position(
    rows: list[Row], after: Position | None, limit: int
) -> tuple[list[Row], Position | None]:
    shown = rows[:limit]
    return shown, position_after(shown, after) if len(rows) > limit else None


def all_readings(selection: Selection, *, lastn: int | None = None) -> Iterator[list[Reading]]:
    """Yield all readings in chunks."""
    if lastn is not None:
        selection = up_to_newest(selection, "reading")
    if not selection.ranges:
        return iter(())
    return all_readings_of(_query(selection, _position_of_newest(selection, lastn)))


def all_batches(selection: Selection, *, lastn: int | None = None) -> Iterator[ReadingBatch]:
    """Yield the same as arrays."""
    if lastn is not None:
        selection = up_to_newest(selection, "reading")
    if not selection.ranges:
        return iter(())
    return all_batches_of(_query(selection, _position_of_newest(selection, lastn)))


def _position_of_newest(selection: Selection, count: int | None) -> Position | None:
    """Return the position of the oldest of the last `count` readings; None for the beginning."""
    if count is None:
        return None
    oldest = _Readings(selection).page(limit=1, offset=count - 1, newest=True)
    return Position(oldest[0].ts, oldest[0].reading_id, oldest[0].stream_key, 0) if oldest else None


_TABLE_AT_ONCE: Final = 10_000


def readings_of_table(
    selection: Selection, *, offset: int, limit: int, oldest_first: bool = False
) -> tuple[list[Reading], int]:
    """Return readings, the newest first unless asked otherwise, and the number of all. `limit` -1:
    as many as one response may have."""
    return _rows_of_table(_Readings(selection), offset, limit, oldest_first)


def events_of_table(
    selection: Selection, *, offset: int, limit: int, oldest_first: bool = False
) -> tuple[list[EventRecord], int]:
    return _rows_of_table(_Events(selection), offset, limit, oldest_first)


def _rows_of_table(rows: Rows[Any], offset: int, limit: int, oldest_first: bool) -> tuple[list[Any], int]:
    most = _TABLE_AT_ONCE if limit < 0 else limit
    page = rows.page(limit=most, offset=offset, newest=not oldest_first)
    return page if oldest_first else page[::-1], rows.count()


def summaries_of(selection: Selection) -> list[Summary]:
    """Return summary statistics of each stream with values."""
    return aggregates.summaries_of(selection.ranges)


def without_empty_streams(selection: Selection) -> Selection:
    """Return the selection without streams that have no readings."""
    counts = latest_of([stream.key for stream in selection.streams], now=timezone.now())
    return replace(selection, streams=[stream for stream in selection.streams if stream.key in counts])


def event_for(reader: Reader, event_id: uuid.UUID) -> tuple[DataStream, EventRecord]:
    """The gate to an event."""
    event = event_of_uuid(event_id)
    if event is None:
        raise NotFound()
    return data_stream_of_key(reader, event.stream_key), event
