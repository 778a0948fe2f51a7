"""Which streams of a device a repair looks at."""

from datetime import datetime
from typing import Final

from server.apps.devices.models import Device
from server.apps.streams.services.posting import timestamp_us
from server.apps.streams.services.relabelling import live_streams
from server.lib.timeseries import COMPLETE_REPORT, CUT_REPORT

_MARKERS: Final = frozenset({COMPLETE_REPORT, CUT_REPORT})
"""Where reports leave a mark: the ids there are those of reports."""


def local_ids(device: Device) -> dict[int, int]:
    """By stream key, of the streams whose ids are those of readings. Neither what was archived nor what stayed in another project."""
    return {stream.key: stream.var_lid for stream in live_streams(device) if stream.var_lid not in _MARKERS}


def slugs(device: Device) -> dict[int, str]:
    """By stream key, of all of them."""
    return {stream.key: stream.slug for stream in live_streams(device)}


def parse_time_us(text: str) -> int:
    """ISO 8601 with an offset."""
    return timestamp_us(datetime.fromisoformat(text))
