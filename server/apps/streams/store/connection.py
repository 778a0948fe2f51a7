"""Cursors on the stream-data database. When it is unreachable they raise Unavailable, which the
worker retries."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import InterfaceError, OperationalError

from server.core.databases import STREAMDATA
from server.core.errors import Unavailable
from server.lib.instants import instant_of, us_of
from server.lib.timeseries import HOUR_US

_UNREACHABLE: Final = "The stream-data database is unreachable."


@contextmanager
def reading_cursor() -> Iterator[CursorWrapper]:
    try:
        with connections[STREAMDATA].cursor() as cursor:
            yield cursor
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(_UNREACHABLE) from error


@contextmanager
def writing_cursor() -> Iterator[CursorWrapper]:
    """One transaction: all of it is stored, or nothing."""
    try:
        with transaction.atomic(using=STREAMDATA), connections[STREAMDATA].cursor() as cursor:
            yield cursor
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(_UNREACHABLE) from error


def hour_from(instant: datetime, *, before: bool = False) -> datetime:
    """Return the first full hour of UTC at or after this time or, with `before`, the last one at or
    before it."""
    us = us_of(instant)
    return instant_of((us if before else us + HOUR_US - 1) // HOUR_US * HOUR_US)
