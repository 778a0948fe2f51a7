"""Remove readings that are stored twice. Reports never bring any: this proves it, and repairs what
came in another way."""

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from server.apps.devices.models import Device
from server.apps.lifecycle.services.repairs.streams_of_device import local_ids
from server.apps.streams.services.finding_repairs import find_duplicates
from server.apps.streams.services.repairing import Change


def find(cursor: CursorWrapper, device: Device, arguments: Mapping[str, Any]) -> Change:
    return find_duplicates(cursor, list(local_ids(device)))
