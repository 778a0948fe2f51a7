"""Give events the time of the reading that belongs to them."""

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from server.apps.devices.models import Device
from server.apps.streams.services.finding_repairs import find_event_times
from server.apps.streams.services.repairing import Change


def find(cursor: CursorWrapper, device: Device, arguments: Mapping[str, Any]) -> Change:
    return find_event_times(cursor, device)
