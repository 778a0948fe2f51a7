"""Access to readings: who may read which streams, and pages of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol, TypeAlias, TypeVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from server.apps.accounts.models import Account
from server.apps.accounts.selectors.accounts import Person, org_ids_where
from server.apps.devices.models import Device
from server.apps.streams.models import DataMask, StreamId
from server.apps.streams.store import numbered
from server.apps.streams.store.numbered import RawWord
from server.apps.streams.store.reads import Reading, count_readings, readings_of_stream, readings_of_streams
from server.core.compiled import EXAMPLES, CompiledQuery
from server.core.errors import NotFound
from server.lib.slugs import BlockSlug, DeviceSlug, SlugError, StreamSlug, VariableSlug, parse_any
from server.lib.units import Mdo


@dataclass(frozen=True, slots=True)
class StaffReader:
    """Staff that reads the data of all organisations."""


Reader: TypeAlias = Person | Device | StaffReader
"""A person, a device that reads its own data, or staff that reads all data."""


class DataStream(NamedTuple):
    """What reading a stream's data requires. The mask is that of its device or data block."""

    key: int
    slug: str
    decimal_places: int
    output: Mdo | None
    unit: str = ""
    variable: str = ""
    mask_start: datetime | None = None
    mask_end: datetime | None = None
    declared: bool = True


_DATA_COLUMNS: Final = (
    *("key", "slug", "declared", "variable__decimal_places", "variable__slug", "mask_start", "mask_end"),
    *("output_unit__m", "output_unit__d", "output_unit__o", "output_unit__unit_short"),
    *("variable__output_unit__m", "variable__output_unit__d", "variable__output_unit__o"),
    "variable__output_unit__unit_short",
)


def _columns_of(streams: QuerySet[StreamId]) -> QuerySet[StreamId, Any]:
    masks = DataMask.objects.filter(target=Coalesce(OuterRef("block__slug"), OuterRef("device__slug")))
    masked = streams.annotate(
        mask_start=Subquery(masks.values("start")), mask_end=Subquery(masks.values("end"))
    )
    return masked.order_by("key").values_list(*_DATA_COLUMNS)


class _DataStreamQuery:
    """Finds the streams whose `field` has a value and whose data a reader may read."""

    def __init__(self, example: object, field: str, **more: Any) -> None:
        self.field = field

        def build(user_id: int, value: object) -> QuerySet[StreamId, Any]:
            orgs = org_ids_where(Account(pk=user_id), "can_read_stream_data")
            return _columns_of(StreamId.objects.filter(**{field: value}, org_id__in=orgs, **more))

        self._compiled = CompiledQuery(build, EXAMPLES[0], example)
        self._more = more

    def __call__(self, reader: Reader, wanted: object) -> list[DataStream]:
        if isinstance(reader, StaffReader):
            found = StreamId.objects.filter(**{self.field: wanted}, **self._more)
            return list(map(_data_stream, _columns_of(found)))
        if isinstance(reader, Device):
            return _own_data_of(reader, self.field, wanted)
        return list(map(_data_stream, self._compiled.rows(reader.pk, wanted)))


_data_of_stream: Final = _DataStreamQuery("an example", "slug")
_data_of_device: Final = _DataStreamQuery(EXAMPLES[1], "device_id", block=None)
_data_of_block: Final = _DataStreamQuery("an example", "block__slug")
_data_of_variable: Final = _DataStreamQuery("an example", "variable__slug")
_data_of_key: Final = _DataStreamQuery(EXAMPLES[1], "key")


def data_stream_for(reader: Reader, slug: str) -> DataStream:
    """The gate to a stream's data, by any form of its slug. A hot path: one query, no model
    instances."""
    try:
        streams = _data_of_stream(reader, str(StreamSlug.parse(slug)))
    except SlugError as error:
        raise NotFound() from error
    if not streams:
        raise NotFound()
    return streams[0]


def data_stream_of_key(reader: Reader, key: int) -> DataStream:
    """The gate to what was stored under a stream's key."""
    streams = _data_of_key(reader, key)
    if not streams:
        raise NotFound()
    return streams[0]


def streams_of_keys(reader: Reader, keys: Sequence[int]) -> list[DataStream]:
    """Return those whose data may be read."""
    if isinstance(reader, Device):
        return _own_data_of(reader, "key__in", keys)
    if isinstance(reader, StaffReader):
        return list(map(_data_stream, _columns_of(StreamId.objects.filter(key__in=keys))))
    orgs = org_ids_where(reader, "can_read_stream_data")
    return list(map(_data_stream, _columns_of(StreamId.objects.filter(key__in=keys, org_id__in=orgs))))


def data_streams_matching(reader: Reader, filter_slug: str) -> list[DataStream]:
    """Return the streams of `?filter=`: a stream, a device in all its projects but without its
    archives, an archive, or a variable. Raises SlugError.

    Streams that may not be read, and slugs of other kinds, match nothing.
    """
    wanted = parse_any(filter_slug)
    if isinstance(wanted, StreamSlug):
        return _data_of_stream(reader, str(wanted))
    if isinstance(wanted, DeviceSlug):
        return _data_of_device(reader, wanted.number)
    if isinstance(wanted, BlockSlug):
        return _data_of_block(reader, str(wanted))
    if isinstance(wanted, VariableSlug):
        return _data_of_variable(reader, str(wanted))
    return []


def _own_data_of(device: Device, field: str, wanted: object) -> list[DataStream]:
    """Return the device's streams in its present organisation; what it measured for former ones is
    theirs."""
    if device.org_id is None:
        return []
    own = StreamId.objects.filter(device=device, org_id=device.org_id, block=None)
    return list(map(_data_stream, _columns_of(own.filter(**{field: wanted}))))


def _data_stream(row: Sequence[Any]) -> DataStream:
    key, slug, declared, places, variable, mask_start, mask_end, *units = row
    m, d, o, short = units[:4] if units[0] is not None else units[4:]
    output = Mdo(m, d, o) if m is not None else None  # nulls where there is no unit
    return DataStream(key, slug, places, output, short or "", variable, mask_start, mask_end, declared)


class HasKey(Protocol):
    @property
    def key(self) -> int: ...


def page_of_readings(
    streams: Sequence[HasKey],
    *,
    start: datetime | None,
    end: datetime | None,
    limit: int,
    offset: int = 0,
    newest: bool = False,
) -> list[Reading]:
    """Return readings by time, ascending. One stream is a plain index scan; several are merged."""
    if not streams:
        return []
    if len(streams) == 1:
        return readings_of_stream(
            streams[0].key, start=start, end=end, limit=limit, offset=offset, newest=newest
        )
    keys = [stream.key for stream in streams]
    return readings_of_streams(keys, start=start, end=end, limit=limit, offset=offset, newest=newest)


def count_of_readings(streams: Sequence[HasKey], *, start: datetime | None, end: datetime | None) -> int:
    return count_readings([stream.key for stream in streams], start=start, end=end)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which rows are requested: from `start` to before `end`, of these the newest `lastn`, of these
    a page (from 1)."""

    start: datetime | None
    end: datetime | None
    lastn: int | None
    page: int
    page_size: int


Row = TypeVar("Row")


class Rows(Protocol[Row]):
    """Rows by time that can be counted and read by the page."""

    def count(self) -> int: ...

    def page(self, *, limit: int, offset: int = 0, newest: bool = False) -> list[Row]: ...


@dataclass(frozen=True, slots=True)
class _ReadingsBetween:
    """Readings of streams between the same two times, for which the store has faster queries."""

    streams: Sequence[HasKey]
    start: datetime | None
    end: datetime | None

    def count(self) -> int:
        return count_of_readings(self.streams, start=self.start, end=self.end)

    def page(self, *, limit: int, offset: int = 0, newest: bool = False) -> list[Reading]:
        return page_of_readings(
            self.streams, start=self.start, end=self.end, limit=limit, offset=offset, newest=newest
        )


def paged_readings(streams: Sequence[HasKey], page_request: PageRequest) -> tuple[list[Reading], int]:
    """Return the page, ascending by time, and the number of readings on all pages. Raises NotFound
    for a page past the end."""
    return paged_rows(
        _ReadingsBetween(streams, page_request.start, page_request.end),
        page_request,
        counts_are_cheap=page_request.start is None,
    )


def paged_rows(
    rows: Rows[Row], page_request: PageRequest, *, counts_are_cheap: bool
) -> tuple[list[Row], int]:
    lastn = page_request.lastn
    if lastn is not None and page_request.page == 1 and lastn <= page_request.page_size:
        newest = rows.page(limit=lastn, newest=True)
        return newest, len(newest)
    stored = rows.count()
    total = stored if lastn is None else min(stored, lastn)
    first = (page_request.page - 1) * page_request.page_size
    limit = min(page_request.page_size, total - first)
    if limit <= 0 and page_request.page > 1:
        raise NotFound("Invalid page.")
    if limit <= 0:
        return [], 0
    if (
        lastn is not None and not counts_are_cheap
    ):  # closer to the end, and only the distance from the end is known
        return rows.page(limit=limit, offset=total - first - limit, newest=True), total
    return rows.page(limit=limit, offset=stored - total + first), total


def readings_between(
    streams: Sequence[HasKey], start: datetime | None, end: datetime | None
) -> Rows[Reading]:
    return _ReadingsBetween(streams, start, end)


def words_after(stream_keys: Sequence[int], *, after_id: int, most: int) -> list[RawWord]:
    """Return the last `most` words with ids above `after_id`, of streams with few readings. Raises
    Unavailable."""
    return numbered.words_after(stream_keys, after_id=after_id, most=most)
