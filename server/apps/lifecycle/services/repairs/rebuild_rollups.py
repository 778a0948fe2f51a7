"""Recompute hourly sums and latest values that disagree with the readings."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from server.apps.devices.models import Device
from server.apps.lifecycle.services.repairs.streams_of_device import slugs
from server.apps.streams.services.finding_repairs import find_wrong_hours
from server.apps.streams.services.posting import timestamp_us
from server.apps.streams.services.repairing import Change


def find(cursor: CursorWrapper, device: Device, arguments: Mapping[str, Any]) -> Change:
    """`month`: as 2026-11, in UTC."""
    first = datetime.strptime(arguments["month"], "%Y-%m").replace(tzinfo=UTC)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return find_wrong_hours(
        cursor,
        list(slugs(device)),
        start_us=timestamp_us(first),
        stop_us=timestamp_us(after),
        with_counts=True,
    )
