"""Monthly partitions of `reading` and `event`, made ahead.

A month older than `OLDEST_MONTHS` or later than `NEWEST_MONTHS` goes to the default partition: a device whose clock is
wrong must not be able to make hundreds of tables, and every query plans over all of them.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from django.db.backends.utils import CursorWrapper

from server.apps.streams.store.connection import writing_cursor

OLDEST_MONTHS: Final = 24
NEWEST_MONTHS: Final = 2
_TABLES: Final = ("reading", "event")
_LOCK: Final = 0x9A57_1710  # any number that no one else locks


def partition_months(
    now: datetime, *, back: int = OLDEST_MONTHS, ahead: int = NEWEST_MONTHS
) -> list[datetime]:
    """First instants of the months that get a partition of their own, oldest first."""
    index = now.year * 12 + now.month - 1
    return [datetime(i // 12, i % 12 + 1, 1, tzinfo=UTC) for i in range(index - back, index + ahead + 1)]


def make_month_partitions(months: Iterable[datetime]) -> list[str]:
    """Make what is missing; rows that wait in the default partition move along. Answers the names made."""
    with writing_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition")
        present = {name for (name,) in cursor.fetchall()}
        wanted = {f"{table}_{month:%Y_%m}": (table, month) for month in months for table in _TABLES}
        made = [name for name in wanted if name not in present]
        if made:
            # Readers go on. Writers wait: a row on its way to the default partition could not be put there any more.
            cursor.execute(f"LOCK TABLE {', '.join(_TABLES)} IN SHARE ROW EXCLUSIVE MODE")
        for name in made:
            _make_partition(cursor, name, *wanted[name])
    return made


def _make_partition(cursor: CursorWrapper, name: str, table: str, month: datetime) -> None:
    """PostgreSQL refuses to attach a month while the default partition holds rows of it, so those move first."""
    end = _next_month(month)
    cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
    cursor.execute(
        f"WITH moved AS (DELETE FROM {table}_default WHERE ts >= %s AND ts < %s RETURNING *) INSERT INTO {name} SELECT * FROM moved",
        [month, end],
    )
    cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", [month, end])


def _next_month(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
