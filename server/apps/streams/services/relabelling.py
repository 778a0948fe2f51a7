"""Changes of what streams, notes and masks belong to. Rows carry only their stream's key, so moving
a stream moves its rows at no cost."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.devices.models import Device, Project
from server.apps.files.services import forget_files, transfer_files
from server.apps.streams.models import (
    DataBlock,
    DataMask,
    StreamAliasTap,
    StreamId,
    StreamNote,
    StreamVariable,
)
from server.apps.streams.selectors.amounts import holds_data
from server.apps.streams.services.variables import copy_of_variable, free_lid
from server.apps.streams.store import writers
from server.core.errors import Conflict
from server.lib.slugs import StreamSlug, VariableSlug, is_named_variable


def live_streams(device: Device) -> QuerySet[StreamId]:
    """Return the streams of the project that the device is in: neither archived nor left behind in
    another project."""
    return StreamId.objects.filter(device=device, project=device.project_id, block=None).order_by("key")


def wait_for_writers(device_id: int) -> None:
    """Wait until no report is being stored any more. The device is busy, so none starts. Raises
    Unavailable."""
    writers.wait_for_writers(device_id)


def rename_notes(new_targets: Mapping[str, str], *, org: Org | None = None) -> None:
    """Move notes to new targets, given by old target, and to `org` if it is given."""
    notes = StreamNote.objects.filter(target__in=new_targets.keys())
    changes = {} if org is None else {"org": org}
    for target in notes.order_by().values_list("target", flat=True).distinct():
        if org is not None:
            transfer_files(_attachments(StreamNote.objects.filter(target=target)), org=org)
        StreamNote.objects.filter(target=target).update(target=new_targets[target], **changes)


def hand_over_notes_and_mask(device: Device, *, org: Org) -> None:
    """Give the device's own notes and mask to another organisation; `move_streams` does so with
    those of its streams."""
    rename_notes({device.slug: device.slug}, org=org)
    DataMask.objects.filter(target=device.slug).update(org=org)


def remove_notes(
    targets: Sequence[str], *, before: datetime | None = None, after: datetime | None = None
) -> None:
    """Delete the notes on these targets and their attachments: all, or those outside of two
    times."""
    notes = notes_outside(targets, before=before, after=after)
    forget_files(_attachments(notes))
    notes.delete()


def notes_outside(
    targets: Sequence[str], *, before: datetime | None = None, after: datetime | None = None
) -> QuerySet[StreamNote]:
    """Return the notes that `remove_notes` deletes."""
    condition = Q()
    if before is not None or after is not None:
        early = Q(timestamp__lt=before) if before is not None else Q(pk__in=[])
        condition = early | (Q(timestamp__gt=after) if after is not None else Q(pk__in=[]))
    return StreamNote.objects.filter(condition, target__in=targets)


def _attachments(notes: QuerySet[StreamNote]) -> list[uuid.UUID]:
    return list(notes.exclude(attachment=None).order_by().values_list("attachment__pk", flat=True))


def add_note(
    target: str,
    org: Org,
    text: str,
    *,
    by: Account | None,
    type: StreamNote.Type = StreamNote.Type.SYSTEM_INFO,
    on: datetime | None = None,
) -> None:
    """Add a note. `on`: the time that it is about (None: now)."""
    StreamNote.objects.create(
        org=org, target=target, type=type, timestamp=on or timezone.now(), note=text, created_by=by
    )


def remove_mask(target: str) -> bool:
    """Returns whether there was one."""
    deleted, _ = DataMask.objects.filter(target=target).delete()
    return deleted > 0


def clear_device(device: Device, *, with_streams: bool) -> None:
    """Delete the notes and the mask of a device and, `with_streams`, its streams, whose data is
    already removed."""
    streams = live_streams(device)
    targets = [device.slug]
    if with_streams:
        targets += streams.values_list("slug", flat=True)
    remove_notes(targets)
    remove_mask(device.slug)
    if with_streams:
        streams.delete()


def archive_streams(device: Device, block: DataBlock) -> None:
    """Move the live streams into the block, with their data, notes and mask; the device gets new,
    empty ones. At most two statements per stream, whatever it holds.
    """
    streams = list(live_streams(device))
    new_slugs = {
        stream.slug: str(StreamSlug(0, device.pk, stream.var_lid, block=block.block)) for stream in streams
    }
    empty = [_empty_copy_of(stream) for stream in streams]
    for stream in streams:
        stream.slug, stream.project, stream.block = new_slugs[stream.slug], None, block
    StreamId.objects.bulk_update(streams, ["slug", "project", "block"], batch_size=100)
    StreamId.objects.bulk_create(empty)
    _derive_from_successors(streams, empty)
    rename_notes(new_slugs | {device.slug: block.slug})
    DataMask.objects.filter(target=device.slug).update(target=block.slug)


def _empty_copy_of(stream: StreamId) -> StreamId:
    """Return an unsaved copy with a key of its own, and so without data."""
    empty = StreamId()
    for field in StreamId._meta.concrete_fields:
        if field.name not in {"key", "id", "created_on", "derived_stream"}:
            setattr(empty, field.attname, getattr(stream, field.attname))
    return empty


def _derive_from_successors(archived: list[StreamId], empty: list[StreamId]) -> None:
    """Derive each new stream from the new stream of what its predecessor is derived from."""
    successors = {old.key: new for old, new in zip(archived, empty, strict=True)}
    derived = []
    for old, new in zip(archived, empty, strict=True):
        if old.derived_stream_id is not None and old.derived_stream_id in successors:
            new.derived_stream = successors[old.derived_stream_id]
            derived.append(new)
    StreamId.objects.bulk_update(derived, ["derived_stream"])


def move_streams(device: Device, into: Project) -> None:
    """Move the live streams into another project, with their notes. Raises Conflict when it already
    holds data of the device."""
    streams = list(live_streams(device).select_related("variable"))
    _remove_empty_leftovers(device, into, streams)
    variables = _ensure_variables(into, [stream.variable for stream in streams])
    new_slugs = {
        stream.slug: str(StreamSlug(into.gid, device.pk, variables[stream.var_lid].lid)) for stream in streams
    }
    for stream in streams:
        stream.slug, stream.project, stream.org = new_slugs[stream.slug], into, into.org
        stream.variable = variables[stream.var_lid]
        stream.var_lid = stream.variable.lid
    StreamId.objects.bulk_update(streams, ["slug", "project", "org", "variable", "var_lid"], batch_size=100)
    rename_notes(new_slugs, org=into.org)
    # An alias of the former organisation must not show the new one's data.
    StreamAliasTap.objects.filter(stream__in=streams).exclude(alias__org=into.org).delete()


def _remove_empty_leftovers(device: Device, into: Project, moving: Sequence[StreamId]) -> None:
    """Delete empty streams that the device left behind in the project. Raises Conflict when one of
    them has data."""
    left = left_behind_streams(device, into, moving)
    if holds_data(left):
        raise Conflict(
            "The project already holds data of this device. Move the device without its data, or archive it first.",
            field="project",
        )
    left.delete()


def left_behind_streams(device: Device, into: Project, moving: Sequence[StreamId]) -> QuerySet[StreamId]:
    """Return streams of that project that the moving ones would collide with."""
    lids = [stream.var_lid for stream in moving if not is_named_variable(stream.var_lid)]
    names = [stream.variable.sent_name for stream in moving if stream.variable.sent_name]
    same = Q(var_lid__in=lids) | Q(variable__sent_name__in=names)
    return StreamId.objects.filter(same, device=device, project=into, block=None)


def _ensure_variables(into: Project, wanted: Sequence[StreamVariable]) -> dict[int, StreamVariable]:
    """Return the project's variables by the local variable ids of those wanted, after copying those
    that it lacks. A name means the same in both projects, whatever its id."""
    Project.objects.select_for_update(no_key=True).get(pk=into.pk)  # as new names do
    named = {variable.lid: variable for variable in wanted if variable.sent_name}
    by_id = [variable for variable in wanted if not variable.sent_name]
    StreamVariable.objects.bulk_create(
        [copy_of_variable(variable, into) for variable in by_id], ignore_conflicts=True
    )
    declared = [variable.lid for variable in wanted if variable.declared]
    StreamVariable.objects.filter(project=into, lid__in=declared, declared=False).update(declared=True)
    found = StreamVariable.objects.filter(project=into, lid__in=[variable.lid for variable in by_id])
    return {variable.lid: variable for variable in found} | _ensure_named(into, named)


def _ensure_named(into: Project, wanted: Mapping[int, StreamVariable]) -> dict[int, StreamVariable]:
    there = StreamVariable.objects.filter(project=into)
    by_name = {variable.sent_name: variable for variable in there.exclude(sent_name="")}
    by_lid = {variable.lid: variable for variable in there}
    found: dict[int, StreamVariable] = {}
    for lid, variable in wanted.items():
        same = by_name.get(variable.sent_name)
        if same is None and not is_named_variable(lid):
            same = by_lid.get(lid)
        if same is None:
            same = copy_of_variable(variable, into)
            _number(same, by_lid)
            same.save(force_insert=True)
            by_lid[same.lid] = same
        found[lid] = same
    return found


def _number(copy: StreamVariable, taken: Mapping[int, StreamVariable]) -> None:
    """Give the unsaved copy another local variable id if its own means something else there. Raises
    Conflict."""
    lid = copy.lid if copy.lid not in taken else free_lid(copy.sent_name, taken.keys())
    if lid is None or copy.project is None:
        raise Conflict("The project has too many variables.", field="project")
    copy.lid, copy.slug = lid, str(VariableSlug(copy.project.gid, lid))
