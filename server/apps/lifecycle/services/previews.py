"""Previews of trimming, moving, archiving, resetting and unclaiming a device: the same checks and
rows, only counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from server.apps.accounts.models import Account
from server.apps.devices.models import Device, Project
from server.apps.devices.services.metadata import count_locations, count_properties
from server.apps.devices.services.states import require_idle
from server.apps.ingest.selectors import count_reports
from server.apps.lifecycle.services.archiving import check_archive
from server.apps.lifecycle.services.moving import check_move
from server.apps.lifecycle.services.resetting import ResetOptions, check_reset
from server.apps.lifecycle.services.trimming import check_trim, trimmed_streams
from server.apps.lifecycle.services.unclaiming import check_unclaim
from server.apps.streams.models import StreamId
from server.apps.streams.selectors.amounts import (
    count_data,
    count_outside,
    count_with_readings_outside,
    holds_data,
)
from server.apps.streams.services.relabelling import left_behind_streams, live_streams, notes_outside
from server.core.errors import Conflict


@dataclass(frozen=True, slots=True)
class Effect:
    """How many rows would be deleted or moved."""

    streams: int = 0
    readings: int = 0
    events: int = 0
    notes: int = 0
    locations: int = 0
    properties: int = 0
    reports: int = 0


def preview_trim(
    *, device: Device, start: datetime | None, end: datetime | None, by: Account, staff: bool = False
) -> Effect:
    """Returns what would be deleted; `streams`: those that would lose data. Raises as
    `trim_device`."""
    check_trim(device, start, end, by, staff=staff)
    require_idle(device)
    streams = list(trimmed_streams(device))
    outside = count_outside(streams, start=start, end=end)
    targets = [device.slug, *(stream.slug for stream in streams)]
    return Effect(
        streams=count_with_readings_outside(streams, start=start, end=end),
        readings=outside.readings,
        events=outside.events,
        notes=notes_outside(targets, before=start, after=end).count(),
        locations=count_locations(device.slug, before=start, after=end),
    )


def preview_move(
    *, device: Device, into: Project, by: Account, with_data: bool = True, staff: bool = False
) -> Effect:
    """Returns what would be moved. Raises as `move_device`, and Conflict where its job would fail:
    the project has data already."""
    check_move(device, into, by, staff=staff)
    require_idle(device)
    streams = list(live_streams(device).select_related("variable")) if with_data else []
    if holds_data(left_behind_streams(device, into, streams)):
        raise Conflict("The project holds data of this device from before.", field="project")
    return _count_all(device, streams)


def preview_archive(*, device: Device, by: Account, staff: bool = False) -> Effect:
    """Returns what would become the data block. Raises as `archive_device`."""
    check_archive(device, by, staff=staff)
    require_idle(device)
    return _count_all(device, list(live_streams(device)))


def preview_reset(*, device: Device, options: ResetOptions, by: Account, staff: bool = False) -> Effect:
    """Raises as `reset_device`."""
    check_reset(device, by, staff=staff)
    require_idle(device)
    streams = list(live_streams(device))
    return replace(
        _count_all(device, streams, about=options.include_notes_and_locations),
        properties=count_properties(device.slug) if options.include_properties else 0,
        reports=count_reports(device),
    )


def preview_unclaim(
    *, device: Device, by: Account, clean_streams: bool = False, staff: bool = False
) -> Effect:
    """Raises as `unclaim_device`. Without `clean_streams` its data stays in the project."""
    check_unclaim(device, by, staff=staff)
    require_idle(device)
    streams = list(live_streams(device)) if clean_streams else []
    held = _count_all(device, streams)
    return replace(
        held, properties=count_properties(device.slug, with_system=True), reports=count_reports(device)
    )


def _count_all(device: Device, streams: Sequence[StreamId], *, about: bool = True) -> Effect:
    """`about`: also notes and locations."""
    held = count_data(streams)
    targets = [device.slug, *(stream.slug for stream in streams)]
    return Effect(
        streams=len(streams),
        readings=held.readings,
        events=held.events,
        notes=notes_outside(targets).count() if about else 0,
        locations=count_locations(device.slug) if about else 0,
    )
