"""Times of events that are named by a reading: its raw word is the id of the event, and its time is
the event's."""

from collections.abc import Collection, Sequence

import numpy as np
from django.db.backends.utils import CursorWrapper

from server.apps.devices.models import Device
from server.apps.streams.models import VarType
from server.apps.streams.services.streams import StreamWriter, stream_data_types
from server.apps.streams.store import numbered
from server.apps.streams.store.batch import EventRow, ReadingBatch
from server.apps.streams.store.numbered import events_at_other_times
from server.apps.streams.store.reports import lock_device
from server.apps.streams.store.retiming import Retiming


def update_event_times(
    cursor: CursorWrapper,
    device_ids: Collection[int],
    writers: Collection[StreamWriter],
    *,
    readings: ReadingBatch,
    events: Sequence[EventRow] = (),
) -> None:
    """Give events the times of the readings that name them. Called after `readings` and `events`
    are written, in the same transaction.

    A reading and its event may come in one report or in two, in either order; the second one
    updates the time. Runs no query when none of them is of a stream whose readings name events.
    """
    keys = [writer.key for writer in writers if writer.names_events]
    if not keys:
        return
    naming = np.isin(readings.stream_key, keys)
    named = [event for event in events if event.stream_key in keys]
    if not naming.any() and not named:
        return
    for device_id in sorted(device_ids):
        lock_device(cursor, device_id)
    by_readings = np.stack(
        [readings.stream_key[naming].astype(np.int64), readings.int_value[naming].astype(np.int64)]
    )
    by_events = np.array([[event.stream_key, event.reading_id] for event in named], dtype=np.int64).reshape(
        -1, 2
    )
    pairs = np.unique(np.concatenate([by_readings.T, by_events]), axis=0)
    pairs = pairs[pairs[:, 1] > 0]  # 0 is no id
    numbered.update_event_times(cursor, pairs[:, 0].astype(np.int32), pairs[:, 1])


def event_retiming_of(cursor: CursorWrapper, device: Device) -> Retiming:
    """Return the events of a device whose time or status differs from their reading's, for
    `store.retime_events`. The reading is the one that names the event, or the begin of the packet
    that the event was made of.
    """
    held: dict[int, str] = {}
    if device.project_id is not None:
        held = dict(stream_data_types(device_id=device.pk, project_id=device.project_id))
    return events_at_other_times(
        cursor,
        named=[key for key, data_type in held.items() if data_type == VarType.DataType.EVENT_WITH_DATA],
        in_packets=[key for key, data_type in held.items() if data_type == VarType.DataType.ENCODED_EVENT],
    )
