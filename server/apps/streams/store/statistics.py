"""Counts of all rows, cheap whatever the tables hold."""

from datetime import datetime

from server.apps.streams.store.connection import reading_cursor


def count_all_readings(*, since: datetime | None) -> int:
    """Count all readings, or those of hours that began at `since` or later."""
    with reading_cursor() as cursor:
        if since is None:
            cursor.execute("SELECT coalesce(sum(count), 0) FROM latest")
        else:
            cursor.execute("SELECT coalesce(sum(count), 0) FROM rollup_hour WHERE hour >= %s", [since])
        return int(cursor.fetchone()[0])


def count_all_events(*, since: datetime | None) -> int:
    with reading_cursor() as cursor:
        if since is None:
            cursor.execute("SELECT count(*) FROM event")
        else:
            cursor.execute("SELECT count(*) FROM event WHERE ts >= %s", [since])
        return int(cursor.fetchone()[0])
