"""Readings without ids of their own: the server counts them, device by device.

Two round trips before they are written: lock the device's count, and find those that are stored
already.
"""

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from server.apps.streams.store.upserts import array_sql, times_sql
from server.apps.streams.store.writers import writers_lock


def lock_given_ids(cursor: CursorWrapper, device_id: int) -> int:
    """Join the writers of the device, and lock its count until the transaction ends: ids are given
    in order, and of two equal requests the second one sees what the first has stored.

    Returns the last id that was given.
    """
    cursor.execute(
        """
        SELECT pg_advisory_xact_lock_shared(%s);
        INSERT INTO given_id AS g (device_id, last_id) VALUES (%s, 0)
        ON CONFLICT (device_id) DO UPDATE SET last_id = g.last_id RETURNING last_id
        """,
        [writers_lock(device_id), device_id],
    )
    return int(cursor.fetchone()[0])


def given_ids_sql(device_id: int, last_id: int) -> str:
    return f"UPDATE given_id SET last_id = {last_id:d} WHERE device_id = {device_id:d}"


def already_stored(
    cursor: CursorWrapper,
    stream_keys: NDArray[np.int32],
    ts_us: NDArray[np.int64],
    values: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return which of the readings have the stream, the time and the value of a stored one."""
    found = np.zeros(len(ts_us), dtype=np.bool_)
    if len(found):
        cursor.execute(
            f"""
            SELECT place FROM unnest(
                {array_sql(stream_keys)}::int[], {times_sql(ts_us)}, {array_sql(values)}::float8[]
            ) WITH ORDINALITY AS sent (key, at, number, place)
            WHERE EXISTS (SELECT FROM reading WHERE stream_key = key AND ts = at AND value = number)
            """
        )
        found[[place - 1 for (place,) in cursor.fetchall()]] = True
    return found
