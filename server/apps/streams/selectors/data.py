"""Questions about variables, streams and their data, and their gates. Data itself comes from `store`."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from django.db.models import F, Q, QuerySet

from server.apps.accounts.models import Account
from server.apps.accounts.selectors import Person, is_member, org_ids_where
from server.apps.devices.models import Device, Project
from server.apps.streams import store
from server.apps.streams.models import StreamId, StreamVariable, VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.store import Band, Latest, LedgerRow, Progress, Reading
from server.core.compiled import EXAMPLES, CompiledQuery
from server.core.errors import NotThere
from server.lib.slugs import DeviceSlug, SlugError, StreamSlug, VariableSlug, parse_any
from server.lib.units import Mdo

__all__ = ["Band", "Latest", "LedgerRow", "Progress", "Reading"]  # what other apps may name of the store


def input_unit(slug: str) -> VarTypeInputUnit:
    unit = VarTypeInputUnit.objects.filter(pk=slug).first()
    if unit is None:
        raise NotThere(f"There is no input unit {slug}.")
    return unit


def output_unit(slug: str) -> VarTypeOutputUnit:
    """With its variable type."""
    unit = VarTypeOutputUnit.objects.select_related("var_type").filter(pk=slug).first()
    if unit is None:
        raise NotThere(f"There is no output unit {slug}.")
    return unit


def variables_of(user: Person) -> QuerySet[StreamVariable]:
    """Of the user's organisations; system variables belong to everybody."""
    return StreamVariable.objects.filter(Q(is_member(user)) | Q(org=None)).select_related(
        "project", "org", "input_unit", "output_unit"
    )


def variable_for(user: Person, slug: str) -> StreamVariable:
    try:
        variable = variables_of(user).filter(slug=str(VariableSlug.parse(slug))).first()
    except SlugError as error:
        raise NotThere() from error
    if variable is None:
        raise NotThere()
    return variable


def streams_of(user: Person) -> QuerySet[StreamId]:
    """Streams whose ids the user may read."""
    return StreamId.objects.filter(org_id__in=org_ids_where(user, "can_read_stream_ids")).select_related(
        "project", "device", "variable", "org", "input_unit", "output_unit", "variable__output_unit"
    )


def readable_streams_of(user: Person) -> QuerySet[StreamId]:
    """Streams whose data the user may read."""
    return streams_of(user).filter(org_id__in=org_ids_where(user, "can_read_stream_data"))


def stream_for(user: Person, slug: str) -> StreamId:
    """The gate to a stream and its data, by any form of its slug."""
    try:
        stream = readable_streams_of(user).filter(slug=str(StreamSlug.parse(slug))).first()
    except SlugError as error:
        raise NotThere() from error
    if stream is None:
        raise NotThere()
    return stream


def streams_of_device(user: Person, device: Device) -> QuerySet[StreamId]:
    """The live streams of a device: those of the project it is in."""
    return readable_streams_of(user).filter(device=device, project=device.project)


def streams_of_devices(user: Person, devices: Sequence[Device]) -> list[StreamId]:
    """The live streams of several devices, in one query; by device and local id."""
    streams = readable_streams_of(user).filter(device__in=devices, project_id=F("device__project_id"))
    return list(streams.order_by("device_id", "var_lid"))


def variables_of_project(user: Person, project: Project) -> QuerySet[StreamVariable]:
    return variables_of(user).filter(project=project)


class DataStream(NamedTuple):
    """A stream as far as its rows of data are concerned."""

    key: int
    slug: str
    decimal_places: int
    output: Mdo | None


_DATA_COLUMNS: Final = (
    *("key", "slug", "variable__decimal_places"),
    *("output_unit__m", "output_unit__d", "output_unit__o"),
    *("variable__output_unit__m", "variable__output_unit__d", "variable__output_unit__o"),
)


def _data_streams(field: str, example: object) -> CompiledQuery:
    def build(user_id: int, value: object) -> QuerySet[StreamId, Any]:
        orgs = org_ids_where(Account(pk=user_id), "can_read_stream_data")
        streams = StreamId.objects.filter(**{field: value}, org_id__in=orgs)
        return streams.order_by("key").values_list(*_DATA_COLUMNS)

    return CompiledQuery(build, EXAMPLES[0], example)


_DATA_OF_STREAM: Final = _data_streams("slug", "an example")
_DATA_OF_DEVICE: Final = _data_streams("device_id", EXAMPLES[1])
_DATA_OF_VARIABLE: Final = _data_streams("variable__slug", "an example")


def data_stream_for(user: Person, slug: str) -> DataStream:
    """The gate to a stream's data, by any form of its slug. A hot path: one query, no model instances."""
    try:
        streams = _data_of(user, _DATA_OF_STREAM, str(StreamSlug.parse(slug)))
    except SlugError as error:
        raise NotThere() from error
    if not streams:
        raise NotThere()
    return streams[0]


def data_streams_matching(user: Person, filter_slug: str) -> list[DataStream]:
    """What `?filter=` means: a stream, a device with all that it ever was, or a variable. Raises SlugError.

    What may not be read, and slugs of other kinds, match nothing.
    """
    wanted = parse_any(filter_slug)
    if isinstance(wanted, StreamSlug):
        return _data_of(user, _DATA_OF_STREAM, str(wanted))
    if isinstance(wanted, DeviceSlug):
        return _data_of(user, _DATA_OF_DEVICE, wanted.number)
    if isinstance(wanted, VariableSlug):
        return _data_of(user, _DATA_OF_VARIABLE, str(wanted))
    return []


def _data_of(user: Person, streams: CompiledQuery, wanted: object) -> list[DataStream]:
    return [
        DataStream(row[0], row[1], row[2], _output(row[3:6]) or _output(row[6:9]))
        for row in streams.rows(user.pk, wanted)
    ]


def _output(unit: Sequence[Any]) -> Mdo | None:
    """From the columns m, d and o; nulls where there is no unit."""
    return Mdo(*unit) if unit[0] is not None else None


def latest_values(streams: Iterable[StreamId]) -> dict[int, Latest]:
    """By stream key; streams without readings are missing."""
    return store.latest_of([stream.key for stream in streams])


class Keyed(Protocol):
    @property
    def key(self) -> int: ...


def page_of_readings(
    streams: Sequence[Keyed],
    *,
    start: datetime | None,
    end: datetime | None,
    limit: int,
    offset: int = 0,
    newest: bool = False,
) -> list[Reading]:
    """Ascending by time. One stream is a plain index scan; several are merged."""
    if not streams:
        return []
    if len(streams) == 1:
        return store.readings_of_stream(
            streams[0].key, start=start, end=end, limit=limit, offset=offset, newest=newest
        )
    keys = [stream.key for stream in streams]
    return store.readings_of_streams(keys, start=start, end=end, limit=limit, offset=offset, newest=newest)


def count_of_readings(streams: Sequence[Keyed], *, start: datetime | None, end: datetime | None) -> int:
    return store.count_readings([stream.key for stream in streams], start=start, end=end)


@dataclass(frozen=True, slots=True)
class Window:
    """Which readings are asked for: from `start` to before `end`, of these the newest `lastn`, of these a page (from 1)."""

    start: datetime | None
    end: datetime | None
    lastn: int | None
    page: int
    page_size: int


def window_of_readings(streams: Sequence[Keyed], window: Window) -> tuple[list[Reading], int]:
    """The page, ascending by time, and how many readings all pages hold. Raises NotThere for a page past the end."""
    start, end, lastn = window.start, window.end, window.lastn
    if lastn is not None and window.page == 1 and lastn <= window.page_size:
        newest = page_of_readings(streams, start=start, end=end, limit=lastn, newest=True)
        return newest, len(newest)
    stored = count_of_readings(streams, start=start, end=end)
    total = stored if lastn is None else min(stored, lastn)
    first = (window.page - 1) * window.page_size
    limit = min(window.page_size, total - first)
    if limit <= 0 and window.page > 1:
        raise NotThere("Invalid page.")
    if limit <= 0:
        return [], 0
    if lastn is not None and start is not None:  # nearer to the end, and only the end's distance is known
        behind = total - first - limit
        rows = page_of_readings(streams, start=start, end=end, limit=limit, offset=behind, newest=True)
        return rows, total
    offset = stored - total + first
    return page_of_readings(streams, start=start, end=end, limit=limit, offset=offset), total


def chart_of(stream: StreamId, *, start: datetime, end: datetime) -> list[Band]:
    return store.chart_band(stream.key, start=start, end=end)


def progress_of(streamer_keys: Sequence[int]) -> dict[int, Progress]:
    return store.progress_of(streamer_keys)


def ledger_of(reports: Sequence[uuid.UUID]) -> dict[uuid.UUID, LedgerRow]:
    return store.ledger_of(reports)
