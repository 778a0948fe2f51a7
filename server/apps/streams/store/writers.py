"""The lock that keeps a device's streams in place while rows are written.

A writer joins the writers of its device before it reads the streams from the core database, and
holds the lock until its transaction ends. To archive or move streams, a service marks the device
busy, so that new writers stop, and then waits for the earlier ones.
"""

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from server.apps.streams.store.connection import writing_cursor


def writers_lock(device_id: int) -> int:
    """Return the number of the advisory lock. The device's own number is that of `lock_device`."""
    return -1 - device_id


def join_writers(cursor: CursorWrapper, device_ids: Iterable[int]) -> None:
    """Join the writers of devices until the transaction ends. `lock_progress` does so for a
    report."""
    locks = sorted(map(writers_lock, set(device_ids)))
    cursor.execute("SELECT pg_advisory_xact_lock_shared(number) FROM unnest(%s::bigint[]) AS number", [locks])


def wait_for_writers(device_id: int) -> None:
    """Wait for all writers that have joined. Those that join later see the present state of the
    core database. Raises Unavailable."""
    with writing_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [writers_lock(device_id)])
