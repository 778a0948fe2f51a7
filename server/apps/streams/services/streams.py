"""Streams, and what storing a report needs to know about them."""

import uuid
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from server.apps.accounts.models import Account
from server.apps.devices.models import BUSY_STATES, Device, Project
from server.apps.devices.selectors.devices import device_by_number
from server.apps.devices.services.states import BUSY
from server.apps.streams.models import StreamId, StreamVariable, VarType
from server.core.compiled import CompiledQuery
from server.core.errors import Unavailable
from server.lib.slugs import StreamSlug, VariableSlug
from server.lib.slugs.known_variables import variable_name
from server.lib.slugs.variables import is_system_variable
from server.lib.timeseries import REPORT_MARKS
from server.lib.units import Conversion, Mdo, RawFormat

MOST_STREAMS_PER_DEVICE: Final = 512  # a device that invents variables must not fill the tables
_NO_DEVICE: Final = 0  # stands for the device in the slug of a virtual stream


@dataclass(frozen=True, slots=True)
class StreamWriter:
    """How raw words of one local variable id become values of one stream."""

    key: int
    lid: int
    slug: str
    enabled: bool
    conversion: Conversion
    var_type: str | None = None
    """Slug of its variable type."""
    data_type: str = VarType.DataType.NUMBER

    @property
    def is_encoded(self) -> bool:
        """Whether its words are packets, which become events."""
        return self.data_type == VarType.DataType.ENCODED_EVENT

    @property
    def names_events(self) -> bool:
        """Whether its words are the ids of its events."""
        return self.data_type == VarType.DataType.EVENT_WITH_DATA


def stream_writers(*, device_id: int, project_id: uuid.UUID, lids: Set[int]) -> dict[int, StreamWriter]:
    """Return the writers by local variable id, after creating streams that the device reports for
    the first time. One query when all exist.

    Ids beyond the limit of streams per device are missing from the result. Raises Unavailable when
    the device has left the project meanwhile: on the retry the project is another.
    """
    known = _writers_by_lid(device_id, project_id)
    missing = sorted(lids - known.keys(), key=_marks_last)[: max(0, MOST_STREAMS_PER_DEVICE - len(known))]
    if missing:
        _make_streams(device_id, project_id, missing)
        known = _writers_by_lid(device_id, project_id)
    return known


def known_writers(device: Device) -> dict[int, StreamWriter]:
    """Return the writers of the device's streams in its project by local variable id. Creates
    none."""
    return {} if device.project_id is None else _writers_by_lid(device.pk, device.project_id)


class _Row(NamedTuple):
    """The fields of a stream, its variable and their input units that values depend on. A hot path:
    no model instances."""

    key: int
    lid: int
    slug: str
    enabled: bool
    raw_format: str
    mdo_type: str
    own_m: int | None
    own_d: int | None
    own_o: float | None
    m: int
    d: int
    o: float
    own_unit_m: int | None
    own_unit_d: int | None
    own_unit_o: float | None
    unit_m: int | None
    unit_d: int | None
    unit_o: float | None
    type: str | None
    data_type: str | None


_COLUMNS: Final = (
    *("key", "var_lid", "slug", "enabled", "raw_value_format", "mdo_type"),
    *("multiplication_factor", "division_factor", "offset"),
    *("variable__multiplication_factor", "variable__division_factor", "variable__offset"),
    *("input_unit__m", "input_unit__d", "input_unit__o"),
    *("variable__input_unit__m", "variable__input_unit__d", "variable__input_unit__o"),
    *("type", "effective_data_type"),
)


def _with_types() -> QuerySet[Any]:
    """Annotate streams with the data type of their variable type, or else of their variable's. A
    type with a decoder is encoded."""
    of_stream = VarType.objects.filter(
        pk=Coalesce(OuterRef("var_type_id"), OuterRef("variable__var_type_id"))
    )
    encoded = When(is_encoded=True, then=Value(VarType.DataType.ENCODED_EVENT.value))
    holds = of_stream.order_by().annotate(holds=Case(encoded, default=F("stream_data_type"))).values("holds")
    return StreamId.objects.annotate(
        type=Coalesce("var_type_id", "variable__var_type_id"), effective_data_type=Subquery(holds)
    )


def _streams(device_id: int, project_id: uuid.UUID) -> QuerySet[StreamId, Any]:
    return _with_types().filter(device_id=device_id, project_id=project_id).order_by().values_list(*_COLUMNS)


def stream_data_types(*, device_id: int, project_id: uuid.UUID) -> list[tuple[int, str]]:
    """Return key and data type of the device's streams in the project whose variable type is
    known."""
    streams = (
        _with_types().filter(device_id=device_id, project_id=project_id).exclude(effective_data_type=None)
    )
    return list(streams.order_by("key").values_list("key", "effective_data_type"))


_STREAMS: Final = CompiledQuery(_streams, 0, uuid.UUID(int=0))


@dataclass(frozen=True, slots=True)
class NamedWriter:
    """A stream whose readings devices send under a name."""

    writer: StreamWriter
    name: str
    variable: str
    """Slug of its variable."""
    unit: str


def _named_streams(device_id: int, project_id: uuid.UUID) -> QuerySet[StreamId, Any]:
    named = _with_types().filter(device_id=device_id, project_id=project_id, block=None)
    return (
        named.exclude(variable__sent_name="")
        .order_by()
        .values_list(
            *_COLUMNS,
            *("variable__sent_name", "variable__slug", "variable__units"),
            *("variable__output_unit__unit_short", "device__state"),
        )
    )


_NAMED_STREAMS: Final = CompiledQuery(_named_streams, 0, uuid.UUID(int=0))


def named_writers(device: Device) -> dict[str, NamedWriter]:
    """Return the writers of the device's streams that have a name, by name, as of now: the device
    may have been read before. One query. Raises Unavailable while the device is busy."""
    found: dict[str, NamedWriter] = {}
    if device.project_id is None:
        return found
    for *row, name, variable, units, unit_short, state in _NAMED_STREAMS.rows(device.pk, device.project_id):
        if state in BUSY_STATES:
            raise Unavailable(BUSY)
        found[name] = NamedWriter(_writer(_Row(*row)), name, variable, unit_short or units)
    return found


@dataclass(frozen=True, slots=True)
class OwnedWriter:
    """A stream to write to, and its owner."""

    writer: StreamWriter
    org_id: uuid.UUID | None
    device_id: int | None
    device_org_id: uuid.UUID | None
    archived: bool
    device_busy: bool


def writers_of_slugs(slugs: Iterable[str]) -> list[OwnedWriter]:
    """Return the writers of these slugs without checking rights. One query."""
    columns = (*_COLUMNS, "org_id", "device_id", "device__org_id", "block_id", "device__state")
    rows = _with_types().filter(slug__in=list(slugs)).order_by().values_list(*columns)
    found: list[OwnedWriter] = []
    for *row, org_id, device_id, device_org_id, block_id, state in rows:
        found.append(
            OwnedWriter(
                _writer(_Row(*row)),
                org_id,
                device_id,
                device_org_id,
                archived=block_id is not None,
                device_busy=state in BUSY_STATES,
            )
        )
    return found


def _marks_last(lid: int) -> tuple[bool, int]:
    """Sort key: when there are too many streams, those of report marks come last."""
    return lid in REPORT_MARKS, lid


def _writers_by_lid(device_id: int, project_id: uuid.UUID) -> dict[int, StreamWriter]:
    return {row.lid: _writer(row) for row in map(_Row._make, _STREAMS.rows(device_id, project_id))}


def _writer(row: _Row) -> StreamWriter:
    """Follow the rules of `StreamId.mdo`; a stream's own input unit takes precedence over its
    variable's."""
    if row.mdo_type == StreamId.MdoType.STREAM:
        mdo = Mdo(row.own_m or 1, row.own_d or 1, row.own_o or 0.0)
    else:
        mdo = Mdo(row.m, row.d, row.o)
    unit = _unit(row.own_unit_m, row.own_unit_d, row.own_unit_o) or _unit(row.unit_m, row.unit_d, row.unit_o)
    return StreamWriter(
        key=row.key,
        lid=row.lid,
        slug=row.slug,
        enabled=row.enabled,
        conversion=Conversion(RawFormat(row.raw_format), mdo, unit),
        var_type=row.type,
        data_type=row.data_type or VarType.DataType.NUMBER,
    )


def _unit(m: int | None, d: int | None, o: float | None) -> Mdo | None:
    return None if m is None or d is None or o is None else Mdo(m, d, o)


@transaction.atomic
def _make_streams(device_id: int, project_id: uuid.UUID, lids: list[int]) -> None:
    """Create streams and variables. Two workers may do so at once for two streamers of a device, so
    existing rows stay as they are."""
    device = device_by_number(device_id)
    project = device.project
    if project is None or project.pk != project_id:
        raise Unavailable("The device is being moved to another project.")
    StreamVariable.objects.bulk_create(
        [
            StreamVariable(
                project=project,
                org_id=project.org_id,
                lid=lid,
                name=variable_name(lid),
                slug=str(VariableSlug(project.gid, lid)),
                decimal_places=0,
                declared=not is_system_variable(lid),
            )
            for lid in lids
        ],
        ignore_conflicts=True,
    )
    variables = StreamVariable.objects.filter(project=project, lid__in=lids)
    streams = [
        new_stream(variable=variable, project=project, device=device, by=None) for variable in variables
    ]
    for stream in streams:
        stream.declared = not is_system_variable(stream.var_lid)
    StreamId.objects.bulk_create(streams, ignore_conflicts=True)


def new_stream(
    *, variable: StreamVariable, project: Project, device: Device | None, by: Account | None
) -> StreamId:
    """Return an unsaved row with the units and format of its variable. Without a device it is a
    virtual stream of the project."""
    return StreamId(
        slug=str(StreamSlug(project.gid, _NO_DEVICE if device is None else device.pk, variable.lid)),
        org_id=project.org_id,
        project=project,
        device=device,
        variable=variable,
        var_lid=variable.lid,
        var_name=variable.name,
        var_type_id=variable.var_type_id,
        input_unit_id=variable.input_unit_id,
        output_unit_id=variable.output_unit_id,
        raw_value_format=variable.raw_value_format,
        created_by=by,
    )
