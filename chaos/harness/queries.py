"""Queries of the harness itself, repeated while the databases recover from a fault."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connections

Values = Sequence[Any] | Mapping[str, Any]

BACK_WITHIN_S: Final = 30.0
POLL_EVERY_S: Final = 0.05


def query_stream_data(sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """Returns the rows; none for a statement that has none."""
    return _rows("streamdata", sql, values)


def query_core(sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """Returns the rows; none for a statement that has none."""
    return _rows("default", sql, values)


def close_connections() -> None:
    """Close the connections of this process, after the databases were killed."""
    for alias in connections:
        connections[alias].close()


def _rows(alias: str, sql: str, values: Values) -> list[tuple[Any, ...]]:
    deadline = time.monotonic() + BACK_WITHIN_S
    while True:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(sql, values or None)
                found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
            return found
        except (DatabaseError, InterfaceError):
            connections[alias].close()
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_EVERY_S)
