"""Changes that people make to variables and streams. Stored values stay as they are, so a change of
units or factors leaves a note on the stream."""

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.selectors.accounts import require
from server.apps.activity.services.changes import Verb, record_change
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
"""The fields that values depend on, as notes name them."""


@transaction.atomic
def add_variable(*, project: Project, by: Account, changes: Changes, staff: bool = False) -> StreamVariable:
    """Add a variable; `changes` holds at least `lid` and `name`. Raises Forbidden without
    `can_modify_stream_ids`, Conflict for one that exists."""
    require(by, _PERMISSION, project.org, staff=staff)
    rest = dict(changes)
    lid, name = rest.pop("lid"), rest.pop("name")
    variable = StreamVariable.objects.filter(project=project, lid=lid, declared=False).first()
    if variable is None:
        variable = create_variable(project=project, lid=lid, name=name, by=by)
    else:
        rest |= {"name": name, "declared": True, "created_by": by}
    if rest:
        _save_changes(variable, rest)
    _record_variable_change(variable, Verb.CREATED, "create-variable", by)
    return variable


@transaction.atomic
def change_variable(
    *, variable: StreamVariable, by: Account, changes: Changes, staff: bool = False
) -> StreamVariable:
    """Change a variable, with a note on each stream whose values depend on the change.

    Raises Forbidden without `can_modify_stream_ids`, and for system variables unless the caller is
    staff.
    """
    if not staff:
        if variable.org is None:
            raise Forbidden()
        require(by, _PERMISSION, variable.org)
    if not changes:
        return variable
    before = _value_fields(variable)
    _save_changes(variable, {**changes, "declared": True})
    _add_notes_to_streams(variable, before, by)
    if "name" in changes:
        StreamId.objects.filter(variable=variable).update(var_name=variable.name)
    _record_variable_change(variable, Verb.CHANGED, "change-variable", by)
    return variable


@transaction.atomic
def delete_variable(*, variable: StreamVariable, by: Account) -> None:
    """Delete a variable, as staff. Raises Forbidden, Conflict while it has streams."""
    if not by.is_staff:
        raise Forbidden()
    _record_variable_change(variable, Verb.DELETED, "delete-variable", by)
    try:
        with transaction.atomic():
            variable.delete()
    except ProtectedError as error:
        raise Conflict("This variable has streams. Delete them first.") from error


@transaction.atomic
def add_stream(
    *, variable: StreamVariable, device: Device | None, by: Account, changes: Changes, staff: bool = False
) -> StreamId:
    """Add a stream of a device in the variable's project or, without a device, a virtual stream of
    the project.

    Raises Forbidden without `can_modify_stream_ids`, Invalid for a device of another project,
    Conflict for a stream that exists.
    """
    project = _project_of(variable, device)
    require(by, _PERMISSION, project.org, staff=staff)
    stream = new_stream(variable=variable, project=project, device=device, by=by)
    made_by_reports = StreamId.objects.filter(slug=stream.slug, declared=False).first()
    if made_by_reports is not None:
        _save_changes(made_by_reports, {**changes, "declared": True, "created_by": by})
        _record_stream_change(made_by_reports, project.org, Verb.CREATED, "create-stream", by)
        return made_by_reports
    _assign_changes(stream, changes)
    try:
        with transaction.atomic():
            stream.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"The stream {stream.slug} already exists.", field="variable") from error
    _record_stream_change(stream, project.org, Verb.CREATED, "create-stream", by)
    return stream


def _project_of(variable: StreamVariable, device: Device | None) -> Project:
    """Return the project of the new stream. Raises Invalid, also for a system variable without a
    device: it has streams of devices only."""
    project = variable.project if device is None or device.project is None else device.project
    if project is None:
        raise Invalid("This variable belongs to no project, so a device is required.", field="device")
    if device is not None and device.project is None:
        raise Invalid(f"{device.slug} is not in a project.", field="device")
    if variable.project is not None and variable.project != project:
        raise Invalid("The device is not in the project of the variable.", field="device")
    return project


@transaction.atomic
def change_stream(*, stream: StreamId, by: Account, changes: Changes, staff: bool = False) -> StreamId:
    """Change a stream. Raises Forbidden without `can_modify_stream_ids`, Invalid for units of two
    variable types."""
    if not staff:
        if stream.org is None:
            raise Forbidden()
        require(by, _PERMISSION, stream.org)
    if not changes:
        return stream
    before = _value_fields(stream)
    _save_changes(stream, {**changes, "declared": True})
    text = _describe_difference(before, _value_fields(stream))
    if text and stream.org is not None:
        _add_notes([stream], text, by)
    if stream.org is not None:
        _record_stream_change(stream, stream.org, Verb.CHANGED, "change-stream", by)
    return stream


def delete_stream(*, stream: StreamId, by: Account) -> None:
    """Delete a stream and its data, as staff. Raises Forbidden."""
    # Deleting the data takes several transactions. The stream is disabled first so that nothing
    # more is stored.
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
    """Raises Invalid, and Conflict for a sent name that another variable of the project has."""
    _assign_changes(row, changes)
    try:
        with transaction.atomic():
            row.save(update_fields=list(changes))
    except IntegrityError as error:
        if "sent_name" not in changes:
            raise
        raise Conflict(
            "The project has a variable with this sent name already.", field="sent_name"
        ) from error


def _assign_changes(row: StreamVariable | StreamId, changes: Changes) -> None:
    """Set fields without saving. Raises Invalid for units that cannot be converted into each
    other."""
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


def _value_fields(row: StreamVariable | StreamId) -> dict[str, str]:
    """Return the fields that values depend on, as text by name."""
    values = {name: getattr(row, f"{name}_id", getattr(row, name, None)) for name in _FIELD_LABELS}
    return {name: "none" if value is None else str(value) for name, value in values.items()}


def _describe_difference(
    before: dict[str, str], after: dict[str, str], names: Iterable[str] = _FIELD_LABELS
) -> str:
    """Return the difference as a sentence; "" when there is none."""
    changed = [
        f"{_FIELD_LABELS[name]} from {before[name]} to {after[name]}"
        for name in names
        if before[name] != after[name]
    ]
    return f"Changed {', '.join(changed)}. Values stored before stay as they are." if changed else ""


_FACTORS: Final = ("multiplication_factor", "division_factor", "offset")


def _add_notes_to_streams(variable: StreamVariable, before: dict[str, str], by: Account) -> None:
    """Add notes to the streams that take the changed factors or units from the variable."""
    after = _value_fields(variable)
    streams = StreamId.objects.filter(variable=variable, block=None).exclude(org=None)
    for inherits, names in (
        (Q(mdo_type=StreamId.MdoType.VARIABLE), _FACTORS),
        (Q(input_unit=None), ("input_unit",)),
        (Q(output_unit=None), ("output_unit",)),
    ):
        text = _describe_difference(before, after, names)
        if text:
            _add_notes(streams.filter(inherits), f"Variable: {text}", by)


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
        record_change(org=variable.org, kind="variable", ref=variable.slug, verb=verb, event=event, by=by)


def _record_stream_change(stream: StreamId, org: Org, verb: Verb, event: str, by: Account) -> None:
    record_change(org=org, kind="stream", ref=stream.slug, verb=verb, event=event, by=by)
