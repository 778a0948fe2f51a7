"""Questions about variables, streams and their data, and their gates. Data itself comes from `store`."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from server.apps.accounts.selectors import Person, is_member, org_ids_where
from server.apps.devices.models import Device, Project
from server.apps.streams import store
from server.apps.streams.models import StreamId, StreamVariable, VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.store import Band, Latest, LedgerRow, Progress, Reading
from server.core.errors import NotThere
from server.lib.slugs import DeviceSlug, SlugError, StreamSlug, VariableSlug

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


def streams_matching(user: Person, filter_slug: str) -> list[StreamId]:
    """What `?filter=` means: a stream, device or variable by its full slug; anything else matches nothing."""
    try:
        wanted = _matches(filter_slug)
    except SlugError:
        return []
    return list(readable_streams_of(user).filter(wanted)) if wanted is not None else []


def _matches(slug: str) -> Q | None:
    prefix = slug[:3].lower()
    if prefix == "s--":
        return Q(slug=str(StreamSlug.parse(slug)))
    if prefix == "d--":
        return Q(device_id=DeviceSlug.parse(slug).number)
    if prefix == "v--":
        return Q(variable__slug=str(VariableSlug.parse(slug)))
    return None


def latest_values(streams: Iterable[StreamId]) -> dict[int, Latest]:
    """By stream key; streams without readings are missing."""
    return store.latest_of([stream.key for stream in streams])


def page_of_readings(
    streams: Sequence[StreamId],
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


def count_of_readings(streams: Sequence[StreamId], *, start: datetime | None, end: datetime | None) -> int:
    return store.count_readings([stream.key for stream in streams], start=start, end=end)


@dataclass(frozen=True, slots=True)
class Window:
    """Which readings are asked for: from `start` to before `end`, of these the newest `lastn`, of these a page (from 1)."""

    start: datetime | None
    end: datetime | None
    lastn: int | None
    page: int
    page_size: int


def window_of_readings(streams: Sequence[StreamId], window: Window) -> tuple[list[Reading], int]:
    """The page, ascending by time, and how many readings all pages hold. Raises NotThere for a page past the end."""
    start, end, lastn = window.start, window.end, window.lastn
    if lastn is not None and window.page == 1 and lastn <= window.page_size:
        newest = page_of_readings(streams, start=start, end=end, limit=lastn, newest=True)
        return newest, len(newest)
    total = count_of_readings(streams, start=start, end=end)
    if lastn is not None:
        total = min(total, lastn)
    first = (window.page - 1) * window.page_size
    limit = min(window.page_size, total - first)
    if limit <= 0 and window.page > 1:
        raise NotThere("Invalid page.")
    if limit <= 0:
        return [], 0
    if lastn is None:
        return page_of_readings(streams, start=start, end=end, limit=limit, offset=first), total
    behind = total - first - limit  # the newer ones, which later pages have
    rows = page_of_readings(streams, start=start, end=end, limit=limit, offset=behind, newest=True)
    return rows, total


def chart_of(stream: StreamId, *, start: datetime, end: datetime) -> list[Band]:
    return store.chart_band(stream.key, start=start, end=end)


def progress_of(streamer_keys: Sequence[int]) -> dict[int, Progress]:
    return store.progress_of(streamer_keys)


def ledger_of(reports: Sequence[uuid.UUID]) -> dict[uuid.UUID, LedgerRow]:
    return store.ledger_of(reports)
