"""Notifications of new rows: LISTEN on a separate connection, since Django's must not block."""

from collections.abc import Sequence

import psycopg2
from django.db import connections
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection

from server.core.lanes import Lane
from server.core.queue.backends.postgres_statements import CHANNELS
from server.core.wake import Wake


class Listener:
    """Raises the driver's own errors; after one, close it, and the next `open` connects again."""

    def __init__(self, alias: str, lanes: Sequence[Lane]) -> None:
        self._alias = alias
        self._channels = [CHANNELS[lane] for lane in lanes]
        self._connection: connection | None = None

    def open(self) -> None:
        """Call it before looking for rows: a message that comes between looking and listening would
        not be noticed."""
        if self._connection is None:
            self._connection = self._connect()
        self._connection.poll()
        self._connection.notifies.clear()  # old ones: the caller looks for rows next

    def _connect(self) -> connection:
        settings = connections[self._alias].get_connection_params()
        settings.pop("cursor_factory", None)
        settings.pop("context", None)
        made: connection = psycopg2.connect(**settings)
        made.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with made.cursor() as cursor:
            cursor.execute(";".join(f"LISTEN {channel}" for channel in self._channels))
        return made

    def wait(self, seconds: float, wake: Wake) -> bool:
        """Wait for a notification or a wake, at most so many seconds. Returns True for a wake."""
        if self._connection is None:
            return wake.wait(seconds)
        return wake.wait(seconds, self._connection.fileno())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
