"""People change variables and streams. What was stored stays as it is, so a change of units or factors is noted on the stream."""

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.activity.services.changes import Verb, note_change
from server.apps.devices.models import Device, Project
from server.apps.streams.models import StreamId, StreamNote, StreamVariable
from server.apps.streams.services.emptying import remove_data
from server.apps.streams.services.relabelling import wait_for_writers
from server.apps.streams.services.streams import new_stream
from server.apps.streams.services.variables import create_variable
from server.core.errors import Conflict, Forbidden, Invalid

Changes: TypeAlias = dict[str, Any]

_PERMISSION: Final = "can_modify_stream_ids"
_FIELD_LABELS: Final = {
    "input_unit": "input unit",
    "output_unit": "output unit",
    "mdo_type": "source of the factors",
    "multiplication_factor": "multiplication factor",
    "division_factor": "division factor",
    "offset": "offset",
    "raw_value_format": "raw format",
}
"""What decides about values, in the words of a note."""


@transaction.atomic
def add_variable(*, project: Project, by: Account, changes: Changes, staff: bool = False) -> StreamVariable:
    """`changes` holds `lid` and `name` at least. Raises Forbidden without `can_modify_stream_ids`, Conflict for a known one."""
    require(by, _PERMISSION, project.org, staff=staff)
    rest = dict(changes)
    variable = create_variable(project=project, lid=rest.pop("lid"), name=rest.pop("name"), by=by)
    if rest:
        _save_changes(variable, rest)
    _record_variable_change(variable, Verb.CREATED, "create-variable", by)
    return variable


@transaction.atomic
def change_variable(
    *, variable: StreamVariable, by: Account, changes: Changes, staff: bool = False
) -> StreamVariable:
    """Its streams are told of what changes for them. Raises Forbidden without `can_modify_stream_ids`, and for variables that are
    everybody's unless staff asks.
    """
    if not staff:
        if variable.org is None:
            raise Forbidden()
        require(by, _PERMISSION, variable.org)
    if not changes:
        return variable
    before = _values(variable)
    _save_changes(variable, changes)
    _add_notes_to_streams(variable, before, by)
    if "name" in changes:
        StreamId.objects.filter(variable=variable).update(var_name=variable.name)
    _record_variable_change(variable, Verb.CHANGED, "change-variable", by)
    return variable


@transaction.atomic
def delete_variable(*, variable: StreamVariable, by: Account) -> None:
    """For staff. Raises Forbidden, Conflict while there are streams of it."""
    if not by.is_staff:
        raise Forbidden()
    _record_variable_change(variable, Verb.DELETED, "delete-variable", by)
    try:
        with transaction.atomic():
            variable.delete()
    except ProtectedError as error:
        raise Conflict("There are streams of this variable. They go first.") from error


@transaction.atomic
def add_stream(
    *, variable: StreamVariable, device: Device | None, by: Account, changes: Changes, staff: bool = False
) -> StreamId:
    """Of a device in the variable's project; without a device, a virtual stream of the project. Raises Forbidden without
    `can_modify_stream_ids`, Invalid for a device elsewhere, Conflict for a known one.
    """
    project = _project_of(variable, device)
    require(by, _PERMISSION, project.org, staff=staff)
    stream = new_stream(variable=variable, project=project, device=device, by=by)
    _assign_changes(stream, changes)
    try:
        with transaction.atomic():
            stream.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"There is a stream {stream.slug} already.", field="variable") from error
    _record_stream_change(stream, project.org, Verb.CREATED, "create-stream", by)
    return stream


def _project_of(variable: StreamVariable, device: Device | None) -> Project:
    """Raises Invalid. A variable that is everybody's has streams of devices only."""
    project = variable.project if device is None or device.project is None else device.project
    if project is None:
        raise Invalid("This variable belongs to no project: a device is needed.", field="device")
    if device is not None and device.project is None:
        raise Invalid(f"There is no {device.slug} in a project.", field="device")
    if variable.project is not None and variable.project != project:
        raise Invalid("The device is not in the project of the variable.", field="device")
    return project


@transaction.atomic
def change_stream(*, stream: StreamId, by: Account, changes: Changes, staff: bool = False) -> StreamId:
    """Raises Forbidden without `can_modify_stream_ids`, Invalid for units of two kinds of quantity."""
    if not staff:
        if stream.org is None:
            raise Forbidden()
        require(by, _PERMISSION, stream.org)
    if not changes:
        return stream
    before = _values(stream)
    _save_changes(stream, changes)
    text = _difference(before, _values(stream))
    if text and stream.org is not None:
        _add_notes([stream], text, by)
    if stream.org is not None:
        _record_stream_change(stream, stream.org, Verb.CHANGED, "change-stream", by)
    return stream


def delete_stream(*, stream: StreamId, by: Account) -> None:
    """With its data, so not in one transaction: disabled first, so that nothing comes any more. For staff; raises Forbidden."""
    if not by.is_staff:
        raise Forbidden()
    StreamId.objects.filter(pk=stream.pk).update(enabled=False)
    if stream.device_id is not None:
        wait_for_writers(stream.device_id)
    remove_data([stream.key], report_progress=lambda percent, message: None)
    with transaction.atomic():
        StreamNote.objects.filter(target=stream.slug).delete()
        StreamId.objects.filter(pk=stream.pk).delete()
        if stream.org is not None:
            _record_stream_change(stream, stream.org, Verb.DELETED, "delete-stream", by)


def _save_changes(row: StreamVariable | StreamId, changes: Changes) -> None:
    _assign_changes(row, changes)
    row.save(update_fields=list(changes))


def _assign_changes(row: StreamVariable | StreamId, changes: Changes) -> None:
    """Raises Invalid for units that cannot be turned into each other."""
    for name, value in changes.items():
        setattr(row, name, value)
    if not {"input_unit", "output_unit"} & changes.keys():
        return
    into, out = row.input_unit, row.output_unit
    if into is not None and out is not None and into.var_type_id != out.var_type_id:
        raise Invalid(
            f"{into.pk} and {out.pk} are units of different variable types.",
            field="output_unit" if "output_unit" in changes else "input_unit",
        )


def _values(row: StreamVariable | StreamId) -> dict[str, str]:
    """What decides about values, by name."""
    values = {name: getattr(row, f"{name}_id", getattr(row, name, None)) for name in _FIELD_LABELS}
    return {name: "none" if value is None else str(value) for name, value in values.items()}


def _difference(before: dict[str, str], after: dict[str, str], names: Iterable[str] = _FIELD_LABELS) -> str:
    """In a sentence; "" when nothing of it changed."""
    changed = [
        f"{_FIELD_LABELS[name]} from {before[name]} to {after[name]}"
        for name in names
        if before[name] != after[name]
    ]
    return f"Changed {', '.join(changed)}. Values stored before stay as they are." if changed else ""


_FACTORS: Final = ("multiplication_factor", "division_factor", "offset")


def _add_notes_to_streams(variable: StreamVariable, before: dict[str, str], by: Account) -> None:
    """On those that ask the variable: for its factors, or for units that they have not of their own."""
    after = _values(variable)
    streams = StreamId.objects.filter(variable=variable, block=None).exclude(org=None)
    for concerned, names in (
        (Q(mdo_type=StreamId.MdoType.VARIABLE), _FACTORS),
        (Q(input_unit=None), ("input_unit",)),
        (Q(output_unit=None), ("output_unit",)),
    ):
        text = _difference(before, after, names)
        if text:
            _add_notes(streams.filter(concerned), f"Of the variable: {text}", by)


def _add_notes(streams: QuerySet[StreamId] | list[StreamId], text: str, by: Account) -> None:
    now = timezone.now()
    StreamNote.objects.bulk_create(
        StreamNote(
            org_id=stream.org_id,
            target=stream.slug,
            type=StreamNote.Type.SYSTEM_INFO,
            timestamp=now,
            note=text,
            created_by=by,
        )
        for stream in streams
        if stream.org_id is not None
    )


def _record_variable_change(variable: StreamVariable, verb: Verb, event: str, by: Account) -> None:
    if variable.org is not None:
        note_change(org=variable.org, kind="variable", ref=variable.slug, verb=verb, event=event, by=by)


def _record_stream_change(stream: StreamId, org: Org, verb: Verb, event: str, by: Account) -> None:
    note_change(org=org, kind="stream", ref=stream.slug, verb=verb, event=event, by=by)
