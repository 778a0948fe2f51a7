"""Variables and streams, and their gates. Their data: `readings`."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from server.apps.accounts.selectors.accounts import Person, is_member, org_ids_where
from server.apps.devices.models import Device, Project
from server.apps.streams.models import StreamId, StreamVariable, VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.store import reports as reports_store
from server.apps.streams.store.reads import Band, Latest, Reading, chart_band, latest_of
from server.apps.streams.store.reports import LedgerRow, Progress
from server.core.errors import NotFound
from server.lib.slugs import SlugError, StreamSlug, VariableSlug
from server.lib.timeseries import REPORT_MARKS

__all__ = ["Band", "Latest", "LedgerRow", "Progress", "Reading"]  # types of the store that other apps may use


def input_unit(slug: str) -> VarTypeInputUnit:
    unit = VarTypeInputUnit.objects.filter(pk=slug).first()
    if unit is None:
        raise NotFound(f"There is no input unit {slug}.")
    return unit


def output_unit(slug: str) -> VarTypeOutputUnit:
    """Return an output unit with its variable type. Raises NotFound."""
    unit = VarTypeOutputUnit.objects.select_related("var_type").filter(pk=slug).first()
    if unit is None:
        raise NotFound(f"There is no output unit {slug}.")
    return unit


def variables_of(
    user: Person, *, staff: bool = False, with_templates: bool = False
) -> QuerySet[StreamVariable]:
    """Return variables of the user's organisations, and system variables. `with_templates`: also
    those of the hidden projects that new projects are copied from. `staff`: all.
    """
    seen = Q() if staff else Q(is_member(user)) | Q(org=None)
    shown = Q() if with_templates else Q(project=None) | Q(project__is_template=False)
    return StreamVariable.objects.filter(seen, shown).select_related(
        "project", "org", "input_unit", "output_unit"
    )


def variable_for(user: Person, slug: str, *, staff: bool = False) -> StreamVariable:
    try:
        wanted = str(VariableSlug.parse(slug))
    except SlugError as error:
        raise NotFound() from error
    variable = variables_of(user, staff=staff, with_templates=True).filter(slug=wanted).first()
    if variable is None:
        raise NotFound()
    return variable


def streams_of(user: Person, *, staff: bool = False) -> QuerySet[StreamId]:
    """Return the streams that the user may list; `staff`: all."""
    seen = Q() if staff else Q(org_id__in=org_ids_where(user, "can_read_stream_ids"))
    return StreamId.objects.filter(seen).select_related(
        *("project", "device", "block", "variable", "org", "derived_stream"),
        *("input_unit", "output_unit", "variable__output_unit"),
    )


def readable_streams_of(user: Person, *, staff: bool = False) -> QuerySet[StreamId]:
    """Return the streams whose data the user may read; `staff`: all."""
    streams = streams_of(user, staff=staff)
    return streams if staff else streams.filter(org_id__in=org_ids_where(user, "can_read_stream_data"))


def stream_for(user: Person, slug: str, *, staff: bool = False) -> StreamId:
    """The gate to a stream and its data, by any form of its slug."""
    return _stream_by_slug(readable_streams_of(user, staff=staff), slug)


def stream_identity_for(user: Person, slug: str, *, staff: bool = False) -> StreamId:
    """The gate to a stream for those who may list it, for example to write a note, but perhaps not
    read its data."""
    return _stream_by_slug(streams_of(user, staff=staff), slug)


def _stream_by_slug(streams: QuerySet[StreamId], slug: str) -> StreamId:
    try:
        stream = streams.filter(slug=str(StreamSlug.parse(slug))).first()
    except SlugError as error:
        raise NotFound() from error
    if stream is None:
        raise NotFound()
    return stream


def streams_of_device(user: Person, device: Device) -> QuerySet[StreamId]:
    """Return the live streams of a device, those of the project it is in, without the marks of its
    reports."""
    streams = readable_streams_of(user).filter(device=device, project=device.project)
    return streams.exclude(var_lid__in=REPORT_MARKS)


def streams_of_devices(user: Person, devices: Sequence[Device]) -> list[StreamId]:
    """Return the live streams of several devices in one query, by device and local variable id."""
    streams = readable_streams_of(user).filter(device__in=devices, project_id=F("device__project_id"))
    return list(streams.exclude(var_lid__in=REPORT_MARKS).order_by("device_id", "var_lid"))


def named_streams_of(device: Device) -> QuerySet[StreamId]:
    """Return the live streams of a device that it sends under a name, for itself."""
    named = StreamId.objects.filter(device=device, project=device.project_id, block=None)
    return named.exclude(variable__sent_name="").select_related("variable__output_unit").order_by("var_lid")


def variables_of_project(user: Person, project: Project) -> QuerySet[StreamVariable]:
    return variables_of(user).filter(project=project)


def latest_values(streams: Iterable[StreamId]) -> dict[int, Latest]:
    """Return latest values by stream key; streams without readings are missing."""
    return latest_of([stream.key for stream in streams], now=timezone.now())


def chart_of(stream: StreamId, *, start: datetime, end: datetime) -> list[Band]:
    return chart_band(stream.key, start=start, end=end)


def progress_of(streamer_keys: Sequence[int]) -> dict[int, Progress]:
    return reports_store.progress_of(streamer_keys)


def ledger_of(reports: Sequence[uuid.UUID]) -> dict[uuid.UUID, LedgerRow]:
    return reports_store.ledger_of(reports)
