"""What trimming, moving and archiving a device would do, before they do it: the same checks, the same rows, only counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.devices.services import count_locations, require_idle
from server.apps.streams import store
from server.apps.streams.models import StreamId
from server.apps.streams.services.archiving import check_archive
from server.apps.streams.services.moving import check_move, left_behind
from server.apps.streams.services.relabelling import live_streams, notes_outside
from server.apps.streams.services.trimming import check_trim, trimmed_streams
from server.apps.streams.store import Kept
from server.core.errors import Conflict


@dataclass(frozen=True, slots=True)
class Effect:
    """How much of what would be deleted, or would go along."""

    streams: int = 0
    readings: int = 0
    events: int = 0
    notes: int = 0
    locations: int = 0
    properties: int = 0
    reports: int = 0


def foresee_trim(
    *, device: Device, start: datetime | None, end: datetime | None, by: Account, staff: bool = False
) -> Effect:
    """What would be deleted; `streams`: those that lose something. Raises as `trim_device`."""
    check_trim(device, start, end, by, staff=staff)
    require_idle(device)
    streams = list(trimmed_streams(device))
    lose = [stream for stream in streams if store.count_superfluous([stream.key], Kept(start, end))]
    keys = [stream.key for stream in streams]
    targets = [device.slug, *(stream.slug for stream in streams)]
    return Effect(
        streams=len(lose),
        readings=store.count_superfluous(keys, Kept(start, end)),
        events=_events_outside(keys, start, end),
        notes=notes_outside(targets, before=start, after=end).count(),
        locations=count_locations(device.slug, before=start, after=end),
    )


def _events_outside(keys: Sequence[int], start: datetime | None, end: datetime | None) -> int:
    early = 0 if start is None else store.count_events(keys, start=None, end=start)
    if end is None:
        return early
    return early + store.count_events(keys, start=end + timedelta(microseconds=1), end=None)


def foresee_move(
    *, device: Device, into: Project, by: Account, with_data: bool = True, staff: bool = False
) -> Effect:
    """What would go along. Raises as `move_device`, and Conflict where its job would fail: data that stands in the way."""
    check_move(device, into, by, staff=staff)
    require_idle(device)
    streams = list(live_streams(device)) if with_data else []
    if store.holds_data([stream.key for stream in left_behind(device, into, streams)]):
        raise Conflict("The project holds data of this device from before.", field="project")
    return held_by(device, streams)


def foresee_archive(*, device: Device, by: Account, staff: bool = False) -> Effect:
    """What would become the data block. Raises as `archive_device`."""
    check_archive(device, by, staff=staff)
    require_idle(device)
    return held_by(device, list(live_streams(device)))


def held_by(device: Device, streams: Sequence[StreamId], *, about: bool = True) -> Effect:
    """All of it; `about`: also notes and locations."""
    keys = [stream.key for stream in streams]
    targets = [device.slug, *(stream.slug for stream in streams)]
    return Effect(
        streams=len(streams),
        readings=store.count_readings(keys, start=None, end=None),
        events=store.count_events(keys, start=None, end=None),
        notes=notes_outside(targets).count() if about else 0,
        locations=count_locations(device.slug) if about else 0,
    )
