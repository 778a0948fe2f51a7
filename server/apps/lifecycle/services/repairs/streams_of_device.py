"""The streams of a device that a repair reads."""

from datetime import datetime
from typing import Final

from server.apps.devices.models import Device
from server.apps.streams.services.posting import timestamp_us
from server.apps.streams.services.relabelling import live_streams
from server.lib.timeseries import COMPLETE_REPORT, CUT_REPORT

_MARKERS: Final = frozenset({COMPLETE_REPORT, CUT_REPORT})
"""Reports leave marks there: those ids are of reports, not of readings."""


def local_ids(device: Device) -> dict[int, int]:
    """Returns local variable ids by stream key, of streams whose ids are those of readings; without
    archived streams and those that stayed in another project."""
    return {stream.key: stream.var_lid for stream in live_streams(device) if stream.var_lid not in _MARKERS}


def slugs(device: Device) -> dict[int, str]:
    """Returns the slugs of all live streams, by stream key."""
    return {stream.key: stream.slug for stream in live_streams(device)}


def parse_time_us(text: str) -> int:
    """Returns microseconds since 1970 of an ISO 8601 time with an offset."""
    return timestamp_us(datetime.fromisoformat(text))
