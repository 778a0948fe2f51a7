"""Cursors on the stream-data database; a database that is away is `Unavailable`, which the worker tries again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import InterfaceError, OperationalError

from server.core.databases import STREAMDATA
from server.core.errors import Unavailable
from server.lib.timeseries import HOUR_US

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_AWAY: Final = "The stream-data database is not reachable right now."


@contextmanager
def reading_cursor() -> Iterator[CursorWrapper]:
    try:
        with connections[STREAMDATA].cursor() as cursor:
            yield cursor
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(_AWAY) from error


@contextmanager
def writing_cursor() -> Iterator[CursorWrapper]:
    """One transaction: all of it is stored, or nothing."""
    try:
        with transaction.atomic(using=STREAMDATA), connections[STREAMDATA].cursor() as cursor:
            yield cursor
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(_AWAY) from error


def moment(us: int) -> datetime:
    """Microseconds since 1970 as a time."""
    return _EPOCH + timedelta(microseconds=us)


def us_of(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def hour_from(instant: datetime, *, before: bool = False) -> datetime:
    """Where the first full hour of UTC from this time on begins, or the last one `before` it."""
    us = us_of(instant)
    return moment((us if before else us + HOUR_US - 1) // HOUR_US * HOUR_US)
