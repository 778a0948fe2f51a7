"""Single events that clients read and correct."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from server.apps.streams.store.connection import reading_cursor, writing_cursor
from server.apps.streams.store.reads import EVENT_COLUMNS, EventRecord


def event_of_uuid(event_id: uuid.UUID) -> EventRecord | None:
    with reading_cursor() as cursor:
        cursor.execute(f"SELECT {EVENT_COLUMNS} FROM event WHERE uuid = %s", [str(event_id)])
        row = cursor.fetchone()
    return None if row is None else EventRecord(*row)


def change_event(event: EventRecord) -> None:
    """Update all that can be changed. A new time may move the row to another month's partition."""
    with writing_cursor() as cursor:
        cursor.execute(
            "UPDATE event SET ts = %s, seq = %s, device_ts = %s, extra_data = %s WHERE uuid = %s",
            [event.ts, event.reading_id, event.raw_time, json.dumps(event.extra_data), str(event.uuid)],
        )


def replace_event_data(event: EventRecord) -> None:
    """Update where its large part is."""
    with writing_cursor() as cursor:
        cursor.execute(
            "UPDATE event SET object_key = %s, data = %s, object_start = %s, object_size = %s WHERE uuid = %s",
            [event.object_key, event.data, event.object_start, event.object_size, str(event.uuid)],
        )


def merge_extra_data(event_id: uuid.UUID, extra_data: Mapping[str, Any]) -> bool:
    """Returns whether there is such an event."""
    with writing_cursor() as cursor:
        cursor.execute(
            "UPDATE event SET extra_data = extra_data || %s::jsonb WHERE uuid = %s",
            [json.dumps(extra_data), str(event_id)],
        )
        return bool(cursor.rowcount)
