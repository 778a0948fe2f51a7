"""Data blocks and masks, and the gate to a data block."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from server.apps.accounts.selectors.accounts import Person, org_ids_where
from server.apps.devices.models import Device
from server.apps.streams.models import DataBlock, DataMask, StreamId
from server.apps.streams.store.reads import count_readings, latest_of
from server.apps.streams.store.removing import count_events, count_events_by_stream
from server.core.errors import NotFound
from server.lib.slugs import BlockSlug, SlugError


def blocks_of(user: Person, *, staff: bool = False) -> QuerySet[DataBlock]:
    """Return the data blocks that the user may open, newest first; `staff`: all."""
    condition = Q() if staff else Q(org_id__in=org_ids_where(user, "can_access_datablock"))
    return DataBlock.objects.filter(condition).select_related("org", "device", "sg", "created_by")


def block_for(user: Person, slug: str, *, staff: bool = False) -> DataBlock:
    """The gate to a data block."""
    try:
        wanted = str(BlockSlug.parse(slug)) if slug[:1] in "bB" else ""
    except SlugError as error:
        raise NotFound() from error
    block = blocks_of(user, staff=staff).filter(slug=wanted).first()
    if block is None:
        raise NotFound()
    return block


def streams_of_block(block: DataBlock) -> QuerySet[StreamId]:
    return StreamId.objects.filter(block=block).order_by("var_lid")


class StreamCount(NamedTuple):
    readings: int
    events: int
    declared: bool = True


def stream_counts_of_block(block: DataBlock) -> dict[str, StreamCount]:
    """Return the counts by slug. Three queries."""
    return _counts(streams_of_block(block))


def stream_counts_of_device(device: Device) -> dict[str, StreamCount]:
    """Return the counts of its live streams by slug. Three queries, whatever the streams hold."""
    streams = StreamId.objects.filter(device=device, project=device.project_id, block=None)
    return _counts(streams.order_by("var_lid"))


def _counts(streams: QuerySet[StreamId]) -> dict[str, StreamCount]:
    rows = list(streams.values_list("key", "slug", "declared"))
    keys = [key for key, _, _ in rows]
    readings, events = latest_of(keys, now=timezone.now()), count_events_by_stream(keys)
    return {
        slug: StreamCount(readings[key].count if key in readings else 0, events.get(key, 0), declared)
        for key, slug, declared in rows
    }


def mask_on(thing: Device | DataBlock) -> DataMask | None:
    return DataMask.objects.filter(target=thing.slug).first()


def within_mask(
    target: str, start: datetime | None, end: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Return the bounds, narrowed to the mask of a device or data block."""
    mask = DataMask.objects.filter(target=target).first()
    if mask is None:
        return start, end
    starts = [moment for moment in (start, mask.start) if moment is not None]
    ends = [moment for moment in (end, mask.end) if moment is not None]
    return max(starts, default=None), min(ends, default=None)


def counts_within_mask(mask: DataMask, streams: Iterable[StreamId]) -> StreamCount:
    """Count the data that the mask shows."""
    keys = [stream.key for stream in streams]
    return StreamCount(
        count_readings(keys, start=mask.start, end=mask.end),
        count_events(keys, start=mask.start, end=mask.end),
    )
