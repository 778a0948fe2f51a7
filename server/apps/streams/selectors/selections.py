"""What a request asks to read: streams, of each the stretches of time that may be shown, and ids; page by page or all."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, TypeVar

from django.db.models import Q

from server.apps.accounts.selectors.accounts import is_member
from server.apps.devices.models import Device
from server.apps.streams.models import StreamAlias
from server.apps.streams.selectors.readings import (
    DataStream,
    Everybody,
    Reader,
    Rows,
    Window,
    data_stream_of_key,
    data_streams_matching,
    plain,
    streams_of_keys,
    window_of,
)
from server.apps.streams.store import aggregates
from server.apps.streams.store.aggregates import Spread
from server.apps.streams.store.batch import Kind, ReadingBatch
from server.apps.streams.store.columns import all_batches_of
from server.apps.streams.store.events import event_of_uuid
from server.apps.streams.store.reads import EventRecord, Reading, latest_of
from server.apps.streams.store.row_queries import (
    EVERYTHING,
    Ask,
    Narrowing,
    Position,
    StreamTimeRange,
    all_readings_of,
    count_of,
    events_of,
    position_after,
    readings_of,
)
from server.core.errors import NotThere
from server.lib.slugs import AliasSlug, parse_any

__all__ = [
    "EVERYTHING",
    "EventRecord",
    "Kind",
    "Narrowing",
    "Position",
    "Reading",
    "Spread",
    "StreamTimeRange",
]  # what the API may name of the store

Row = TypeVar("Row", Reading, EventRecord)


@dataclass(frozen=True, slots=True)
class Asked:
    """Bounds of a request; `masked`: nothing outside the mask of a device or archive."""

    start: datetime | None = None
    end: datetime | None = None
    masked: bool = False
    narrowing: Narrowing = EVERYTHING


@dataclass(frozen=True, slots=True)
class Selection:
    streams: Sequence[DataStream]
    ranges: Sequence[StreamTimeRange]
    narrowing: Narrowing = EVERYTHING


def selection_of(streams: Sequence[DataStream], asked: Asked) -> Selection:
    return _selection(streams, [StreamTimeRange(stream.key) for stream in streams], asked)


def selection_matching(reader: Reader, filter_slug: str, asked: Asked) -> Selection:
    """By the slug of a stream, device, archive, variable or alias. Raises SlugError; what may not be read is empty."""
    wanted = parse_any(filter_slug)
    if isinstance(wanted, AliasSlug):
        taps = _tap_ranges(reader, wanted)
        streams = streams_of_keys(reader, sorted({tap.stream_key for tap in taps}))
        return _selection(streams, taps, asked)
    return selection_of(data_streams_matching(reader, filter_slug), asked)


def _tap_ranges(reader: Reader, slug: AliasSlug) -> list[StreamTimeRange]:
    """Each tap from its time to that of the next one."""
    if isinstance(reader, Device):
        return []
    seen = Q() if isinstance(reader, Everybody) else Q(is_member(reader))
    alias = StreamAlias.objects.filter(seen, slug=str(slug)).first()
    if alias is None:
        return []
    taps = list(alias.taps.order_by("timestamp").values_list("stream_id", "timestamp"))
    ends = [later[1] for _, later in pairwise(taps)] + [None]
    return [StreamTimeRange(key, start, end) for (key, start), end in zip(taps, ends, strict=False)]


def _selection(streams: Sequence[DataStream], ranges: Sequence[StreamTimeRange], asked: Asked) -> Selection:
    """Without stretches of streams that may not be read, and without empty ones."""
    known = {stream.key: stream for stream in streams}
    cut = [
        _within_bounds(time_range, known[time_range.stream_key], asked)
        for time_range in ranges
        if time_range.stream_key in known
    ]
    kept = [s for s in cut if s.start is None or s.end is None or s.start < s.end]
    return Selection(streams, kept, asked.narrowing)


def _within_bounds(time_range: StreamTimeRange, stream: DataStream, asked: Asked) -> StreamTimeRange:
    starts, ends = [time_range.start, asked.start], [time_range.end, asked.end]
    if asked.masked:
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
        return count_of("reading", self.selection.ranges, self.selection.narrowing)

    def page(self, *, limit: int, offset: int = 0, newest: bool = False) -> list[Reading]:
        ask = replace(_ask(self.selection), limit=limit, offset=offset, newest=newest)
        return readings_of(ask)


@dataclass(frozen=True, slots=True)
class _Events:
    selection: Selection

    def count(self) -> int:
        return count_of("event", self.selection.ranges, self.selection.narrowing)

    def page(self, *, limit: int, offset: int = 0, newest: bool = False) -> list[EventRecord]:
        return events_of(replace(_ask(self.selection), limit=limit, offset=offset, newest=newest))


def _ask(selection: Selection, after: Position | None = None) -> Ask:
    return Ask(selection.ranges, selection.narrowing, after)


def window_of_selected(selection: Selection, window: Window) -> tuple[list[Reading], int]:
    """The page, ascending by time, and how many readings all pages hold. Raises NotThere for a page past the end."""
    bounds = {(time_range.start, time_range.end) for time_range in selection.ranges}
    if not selection.narrowing and len(bounds) <= 1:
        start, end = next(iter(bounds), (None, None))
        keys = {time_range.stream_key for time_range in selection.ranges}
        rows: Rows[Reading] = plain([s for s in selection.streams if s.key in keys], start, end)
        return window_of(rows, window, counts_are_cheap=start is None)
    return window_of(_Readings(selection), window, counts_are_cheap=False)


def window_of_events(selection: Selection, window: Window) -> tuple[list[EventRecord], int]:
    return window_of(_Events(selection), window, counts_are_cheap=False)


def readings_after(
    selection: Selection, after: Position | None, *, limit: int
) -> tuple[list[Reading], Position | None]:
    """A page that goes on from a position, and where the next one does; None: there is no more."""
    return _followed(readings_of(replace(_ask(selection, after), limit=limit + 1)), after, limit)


def events_after(
    selection: Selection, after: Position | None, *, limit: int
) -> tuple[list[EventRecord], Position | None]:
    return _followed(events_of(replace(_ask(selection, after), limit=limit + 1)), after, limit)


def _followed(rows: list[Row], after: Position | None, limit: int) -> tuple[list[Row], Position | None]:
    shown = rows[:limit]
    return shown, position_after(shown, after) if len(rows) > limit else None


def every_reading(selection: Selection, *, lastn: int | None = None) -> Iterator[list[Reading]]:
    """In chunks, however many there are."""
    if not selection.ranges:
        return iter(())
    return all_readings_of(_ask(selection, _before_the_last(selection, lastn)))


def every_batch(selection: Selection, *, lastn: int | None = None) -> Iterator[ReadingBatch]:
    """The same as arrays."""
    if not selection.ranges:
        return iter(())
    return all_batches_of(_ask(selection, _before_the_last(selection, lastn)))


def _before_the_last(selection: Selection, count: int | None) -> Position | None:
    """Where the last `count` readings begin; None: with the first one."""
    if count is None:
        return None
    oldest = _Readings(selection).page(limit=1, offset=count - 1, newest=True)
    return Position(oldest[0].ts, oldest[0].seq, oldest[0].stream_key, 0) if oldest else None


_TABLE_AT_ONCE: Final = 10_000


def newest_readings(selection: Selection, *, offset: int, limit: int) -> tuple[list[Reading], int]:
    """Descending, and how many there are in all; `limit` -1: as many as can be had at once."""
    return _newest(_Readings(selection), offset, limit)


def newest_events(selection: Selection, *, offset: int, limit: int) -> tuple[list[EventRecord], int]:
    return _newest(_Events(selection), offset, limit)


def _newest(rows: Rows[Any], offset: int, limit: int) -> tuple[list[Any], int]:
    page = rows.page(limit=_TABLE_AT_ONCE if limit < 0 else limit, offset=offset, newest=True)
    return page[::-1], rows.count()


def spread_of(selection: Selection) -> list[Spread]:
    """The numbers that describe each stream; of those with values."""
    return aggregates.spread_of(selection.ranges)


def with_readings(selection: Selection) -> Selection:
    """Without the streams that have none."""
    counts = latest_of([stream.key for stream in selection.streams])
    return replace(selection, streams=[stream for stream in selection.streams if stream.key in counts])


def event_for(reader: Reader, event_id: uuid.UUID) -> tuple[DataStream, EventRecord]:
    """The gate to an event."""
    event = event_of_uuid(event_id)
    if event is None:
        raise NotThere()
    return data_stream_of_key(reader, event.stream_key), event
