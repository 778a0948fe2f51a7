"""Hearing at once of a new row: LISTEN on a connection of its own, since Django's must not wait.

psycopg2 delivers notifications only when asked to read; a `select` on its socket tells when.
"""

import psycopg2
from django.db import connections
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection

from server.core.queue.backends.postgres_statements import CHANNEL
from server.core.queue.wake import Wake


class Listener:
    """Errors of the driver pass through; after one, the next `open` connects again."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._connection: connection | None = None

    def open(self) -> None:
        """Must come before the look at the table whose emptiness one waits for, or a message falls between the two."""
        if self._connection is None:
            self._connection = self._connect()
        self._forget_old_news(self._connection)

    def _connect(self) -> connection:
        settings = connections[self._alias].get_connection_params()
        settings.pop("cursor_factory", None)
        settings.pop("context", None)
        made: connection = psycopg2.connect(**settings)
        made.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with made.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        return made

    @staticmethod
    def _forget_old_news(opened: connection) -> None:
        opened.poll()
        opened.notifies.clear()

    def wait(self, seconds: float, wake: Wake) -> bool:
        """Until a notification, a wake (True), or for so many seconds."""
        if self._connection is None:
            return wake.wait(seconds)
        return wake.wait(seconds, self._connection.fileno())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
