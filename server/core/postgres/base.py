"""Django's PostgreSQL back end, with a cheaper health check of kept connections, and counts of
connections and errors for `/metrics`."""

import select
from typing import Any

from django.db import Error
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from server.core.metrics import DATABASE_CONNECTIONS, DATABASE_ERRORS


class CountedErrors(DatabaseErrorWrapper):
    wrapper: base.DatabaseWrapper

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if exc_type is None:
            return
        try:
            super().__exit__(exc_type, exc_value, traceback)
        except Error as error:
            DATABASE_ERRORS.labels(self.wrapper.alias, type(error).__name__).inc()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return CountedErrors(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.prepared: set[str] = set()  # names that this connection knows: `core.prepared`
        connection = super().get_new_connection(conn_params)
        DATABASE_CONNECTIONS.labels(self.alias).inc()
        return connection

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        # Django runs a query here, once per request. But when the server has closed an idle
        # connection, or has sent an error, there is something to read on its socket.
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return not poll.poll(0)
