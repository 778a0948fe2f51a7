"""Recompute the times before a reboot from a reading whose time is right."""

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from server.apps.devices.models import Device
from server.apps.lifecycle.services.repairs.streams_of_device import local_ids
from server.apps.streams.services.finding_repairs import find_before_reboot
from server.apps.streams.services.repairing import Change


def find(cursor: CursorWrapper, device: Device, arguments: Mapping[str, Any]) -> Change:
    """`reboot_id`, `ref_id`, and for a reference after the reboot `offset`: how many seconds the
    device was down."""
    return find_before_reboot(
        cursor,
        local_ids(device),
        reboot_id=arguments["reboot_id"],
        ref_id=arguments["ref_id"],
        offset_s=arguments["offset"],
    )
