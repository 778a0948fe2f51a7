"""The table of repairs: each kind, and the function that finds what it would change."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from server.apps.devices.models import Device
from server.apps.lifecycle.models import Repair
from server.apps.lifecycle.services.repairs import (
    adjust_timestamps,
    rebuild_rollups,
    remove_duplicates,
    reprocess_reboot,
    reprocess_report,
    sync_event_times,
)
from server.apps.streams.services.repairing import Change

Arguments = Mapping[str, Any]
Find = Callable[[CursorWrapper, Device, Arguments], Change]
"""Reads only. Arguments are those of the repair's row: JSON, checked when it was planned. Raises
Invalid, Conflict."""

FINDERS: Final[Mapping[str, Find]] = {
    Repair.Kind.REPROCESS_REPORT: reprocess_report.find,
    Repair.Kind.REPROCESS_REBOOT: reprocess_reboot.find,
    Repair.Kind.ADJUST_FORWARD: adjust_timestamps.find_forward,
    Repair.Kind.ADJUST_BACKWARD: adjust_timestamps.find_backward,
    Repair.Kind.REMOVE_DUPLICATES: remove_duplicates.find,
    Repair.Kind.SYNC_EVENT_TIMES: sync_event_times.find,
    Repair.Kind.REBUILD_ROLLUPS: rebuild_rollups.find,
}
PREPARATIONS: Final[Mapping[str, Callable[[Device, Arguments], None]]] = {
    Repair.Kind.REPROCESS_REPORT: reprocess_report.keep_event_data,
}
"""What must be stored before the rows are; idempotent."""
_ONE_WAY: Final = frozenset({Repair.Kind.REBUILD_ROLLUPS})
"""Kinds that cannot be undone: wrong sums are of no use."""


def is_undoable(kind: str) -> bool:
    return kind not in _ONE_WAY
