"""The nightly check that hourly sums and latest values agree with the readings; wrong ones are
recomputed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from server.apps.ingest.selectors import sample_reporting_devices
from server.apps.streams.services.finding_repairs import find_wrong_hours
from server.apps.streams.services.posting import timestamp_us
from server.apps.streams.services.relabelling import live_streams
from server.apps.streams.services.repairing import repair_rollups

MAX_DEVICES: Final = 50
_DAYS: Final = 2
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RollupCheck:
    devices: int = 0
    streams: int = 0
    hours: int = 0
    """Wrong ones."""
    latest: int = 0
    """Wrong ones."""


def check_rollups(*, now: datetime) -> RollupCheck:
    """Check a random sample of devices that reported within a day. Raises Unavailable."""
    # Both are written in the transaction of the readings, so a sample is enough to find an error of
    # ours.
    devices = sample_reporting_devices(since=now - timedelta(days=1), limit=MAX_DEVICES)
    hour = now.replace(minute=0, second=0, microsecond=0)
    start, stop = timestamp_us(hour - timedelta(days=_DAYS)), timestamp_us(hour + _HOUR)
    streams = hours = latest = 0
    for device in devices:
        keys = [stream.key for stream in live_streams(device)]
        change = repair_rollups(
            partial(find_wrong_hours, stream_keys=keys, start_us=start, stop_us=stop, with_counts=False)
        )
        streams, hours = streams + len(keys), hours + len(change.hours_us)
        latest += len(change.latest)
    return RollupCheck(len(devices), streams, hours, latest)
