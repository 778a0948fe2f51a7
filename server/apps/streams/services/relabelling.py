"""Readings carry nothing but their stream's key, so a stream that becomes something else takes its rows along at no cost."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from server.apps.accounts.models import Account, Org
from server.apps.accounts.services import forget_files, hand_over_files
from server.apps.devices.models import Device
from server.apps.streams import store
from server.apps.streams.models import DataMask, StreamId, StreamNote


def live_streams(device: Device) -> QuerySet[StreamId]:
    """Those of the project it is in: neither archived, nor left behind in another project."""
    return StreamId.objects.filter(device=device, project=device.project_id, block=None).order_by("key")


def settle(device_id: int) -> None:
    """Wait until no report is being stored any more. The device is busy, so none begins. Raises Unavailable."""
    store.wait_for_writers(device_id)


def rename_notes(new_targets: Mapping[str, str], *, org: Org | None = None) -> None:
    """By old target; with `org` they belong to it from now on."""
    notes = StreamNote.objects.filter(target__in=new_targets.keys())
    changes = {} if org is None else {"org": org}
    for target in notes.order_by().values_list("target", flat=True).distinct():
        if org is not None:
            hand_over_files(_attachments(StreamNote.objects.filter(target=target)), org=org)
        StreamNote.objects.filter(target=target).update(target=new_targets[target], **changes)


def remove_notes(
    targets: Sequence[str], *, before: datetime | None = None, after: datetime | None = None
) -> None:
    """All notes about these with their attachments, or those outside of two times."""
    notes = notes_outside(targets, before=before, after=after)
    forget_files(_attachments(notes))
    notes.delete()


def notes_outside(
    targets: Sequence[str], *, before: datetime | None = None, after: datetime | None = None
) -> QuerySet[StreamNote]:
    """What `remove_notes` deletes."""
    condition = Q()
    if before is not None or after is not None:
        early = Q(timestamp__lt=before) if before is not None else Q(pk__in=[])
        condition = early | (Q(timestamp__gt=after) if after is not None else Q(pk__in=[]))
    return StreamNote.objects.filter(condition, target__in=targets)


def _attachments(notes: QuerySet[StreamNote]) -> list[uuid.UUID]:
    return list(notes.exclude(attachment=None).order_by().values_list("attachment__pk", flat=True))


def note(
    target: str,
    org: Org,
    text: str,
    *,
    by: Account | None,
    type: StreamNote.Type = StreamNote.Type.SYSTEM_INFO,
    on: datetime | None = None,
) -> None:
    """`on`: what time it is about; now, unless given."""
    StreamNote.objects.create(
        org=org, target=target, type=type, timestamp=on or timezone.now(), note=text, created_by=by
    )


def remove_mask(target: str) -> bool:
    """Answers whether there was one."""
    deleted, _ = DataMask.objects.filter(target=target).delete()
    return deleted > 0


def forget_device(device: Device, *, with_streams: bool) -> None:
    """Its notes and mask go, and its streams, which hold nothing any more, if they are to go too."""
    streams = live_streams(device)
    targets = [device.slug]
    if with_streams:
        targets += streams.values_list("slug", flat=True)
    remove_notes(targets)
    remove_mask(device.slug)
    if with_streams:
        streams.delete()
