"""Monthly partitions of `reading` and `event`, created ahead of time.

Rows of months before `OLDEST_MONTHS` or after `NEWEST_MONTHS` go to the default partition: a device
with a wrong clock must not be able to create hundreds of tables, because every query plans over all
of them.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from django.db.backends.utils import CursorWrapper

from server.apps.streams.store.connection import writing_cursor

OLDEST_MONTHS: Final = 24
NEWEST_MONTHS: Final = 2
_TABLES: Final = ("reading", "event")
_LOCK: Final = 0x9A57_1710  # any number that is not locked elsewhere


def partition_months(
    now: datetime, *, back: int = OLDEST_MONTHS, ahead: int = NEWEST_MONTHS
) -> list[datetime]:
    """Return the first instants of the months that have a partition of their own, oldest first."""
    index = now.year * 12 + now.month - 1
    return [datetime(i // 12, i % 12 + 1, 1, tzinfo=UTC) for i in range(index - back, index + ahead + 1)]


def make_month_partitions(months: Iterable[datetime]) -> list[str]:
    """Create missing partitions and move rows of the default partition into them. Returns the names
    of the new ones."""
    with writing_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition")
        present = {name for (name,) in cursor.fetchall()}
        wanted = {f"{table}_{month:%Y_%m}": (table, month) for month in months for table in _TABLES}
        made = [name for name in wanted if name not in present]
        if made:
            # Readers continue. Writers wait: the default partition no longer takes rows of these
            # months.
            cursor.execute(f"LOCK TABLE {', '.join(_TABLES)} IN SHARE ROW EXCLUSIVE MODE")
        for name in made:
            _make_partition(cursor, name, *wanted[name])
    return made


def _make_partition(cursor: CursorWrapper, name: str, table: str, month: datetime) -> None:
    """Create one partition. PostgreSQL refuses to attach it while the default partition holds rows
    of the month, so those move first."""
    end = _next_month(month)
    cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
    cursor.execute(
        f"WITH moved AS (DELETE FROM {table}_default WHERE ts >= %s AND ts < %s RETURNING *) INSERT INTO {name} SELECT * FROM moved",
        [month, end],
    )
    cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", [month, end])


def _next_month(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
