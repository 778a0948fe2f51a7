"""Recompute times from a known one, for a device whose clock was wrong by a constant within one
boot."""

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from server.apps.devices.models import Device
from server.apps.lifecycle.services.repairs.streams_of_device import local_ids, parse_time_us
from server.apps.streams.services import finding_repairs
from server.apps.streams.services.finding_repairs import IdRange
from server.apps.streams.services.repairing import Change


def find_forward(cursor: CursorWrapper, device: Device, arguments: Mapping[str, Any]) -> Change:
    """`base_ts`: the time of the first reading from `first_id` to `last_id`."""
    return finding_repairs.find_forward(
        cursor, local_ids(device), _id_range(arguments), base_us=parse_time_us(arguments["base_ts"])
    )


def find_backward(cursor: CursorWrapper, device: Device, arguments: Mapping[str, Any]) -> Change:
    """`base_ts`: the time of the last one; without it its stored time is right."""
    base = arguments.get("base_ts")
    return finding_repairs.find_backward(
        cursor, local_ids(device), _id_range(arguments), base_us=parse_time_us(base) if base else None
    )


def _id_range(arguments: Mapping[str, Any]) -> IdRange:
    return IdRange(arguments["first_id"], arguments["last_id"])
