"""Who may write rows of a device's streams, and when.

A writer joins the writers of its device, and only then asks the core database for the streams: it holds them until its
transaction ends. Who gives the streams to an archive or to another project marks the device busy first, so that no new
writer goes on, and then waits for those that were there before.
"""

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from server.apps.streams.store.connection import writing_cursor


def writers_lock(device_id: int) -> int:
    """The number of an advisory lock. The device's own number is that of `lock_device`."""
    return -1 - device_id


def join_writers(cursor: CursorWrapper, device_ids: Iterable[int]) -> None:
    """Beside all other writers, until the transaction ends. `lock_progress` does it for a report."""
    locks = sorted(map(writers_lock, set(device_ids)))
    cursor.execute("SELECT pg_advisory_xact_lock_shared(number) FROM unnest(%s::bigint[]) AS number", [locks])


def wait_for_writers(device_id: int) -> None:
    """Those that join after it see what the core database says now. Raises Unavailable."""
    with writing_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [writers_lock(device_id)])
