"""What resetting and unclaiming a device would delete, before they do it."""

from dataclasses import replace

from server.apps.accounts.models import Account
from server.apps.devices.models import Device
from server.apps.devices.services import count_properties, require_idle
from server.apps.ingest.models import StreamerReport
from server.apps.ingest.services.resetting import Reset, check_reset
from server.apps.ingest.services.unclaiming import check_unclaim
from server.apps.streams import services as stream_services
from server.apps.streams.services.foreseeing import Effect, held_by


def foresee_reset(*, device: Device, what: Reset, by: Account, staff: bool = False) -> Effect:
    """Raises as `reset_device`."""
    check_reset(device, by, staff=staff)
    require_idle(device)
    streams = list(stream_services.live_streams(device))
    return replace(
        held_by(device, streams, about=what.include_notes_and_locations),
        properties=count_properties(device.slug) if what.include_properties else 0,
        reports=_reports(device),
    )


def foresee_unclaim(
    *, device: Device, by: Account, clean_streams: bool = False, staff: bool = False
) -> Effect:
    """Raises as `unclaim_device`. Without `clean_streams` its data stays in the project."""
    check_unclaim(device, by, staff=staff)
    require_idle(device)
    streams = list(stream_services.live_streams(device)) if clean_streams else []
    held = held_by(device, streams)
    return replace(held, properties=count_properties(device.slug, with_system=True), reports=_reports(device))


def _reports(device: Device) -> int:
    return StreamerReport.objects.filter(streamer__device=device).count()
