"""The ledger by days: what a streamer uploaded when."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from server.apps.streams.store.connection import reading_cursor

_LOOK_BACK: Final = 20
"""Reports before a time range that are read to find the highest reading id at its start."""


class LedgerDay(NamedTuple):
    """Reports of one streamer that were processed on one day: received = stored + duplicate +
    refused."""

    streamer_key: int
    day: date
    reports: int
    received: int
    stored: int
    duplicate: int
    refused: int


def ledger_by_day(
    streamer_keys: Sequence[int], *, start: datetime, end: datetime, zone: str
) -> list[LedgerDay]:
    """Return days of the time zone from `start` (inclusive) to `end` (exclusive), without those
    that have no reports."""
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT streamer_key, (worked_off_on AT TIME ZONE %s)::date AS day,
                count(*), sum(received), sum(stored), sum(duplicate), sum(refused)
            FROM report_ledger
            WHERE streamer_key = ANY(%s) AND worked_off_on >= %s AND worked_off_on < %s
            GROUP BY streamer_key, day ORDER BY streamer_key, day
            """,
            [zone, list(streamer_keys), start, end],
        )
        return list(map(LedgerDay._make, cursor.fetchall()))


def first_reports_beyond(
    streamer_key: int, ids: Sequence[int], *, start: datetime, end: datetime
) -> dict[int, datetime]:
    """Return for each reading id (ascending) when the first report that reached it was processed,
    if that was between the times.

    One pass over the reports of that time, however many ids are given. Ids that were reached before
    are left out.
    """
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(max(last_id), 0) FROM (
                SELECT last_id FROM report_ledger
                WHERE streamer_key = %s AND worked_off_on < %s AND stored > 0
                ORDER BY worked_off_on DESC LIMIT %s
            ) AS before
            """,
            [streamer_key, start, _LOOK_BACK],
        )
        [(reached,)] = cursor.fetchall()
        unreached = [each for each in ids if each > reached]
        if not unreached:
            return {}
        cursor.execute(
            """
            SELECT width_bucket(last_id, %s::bigint[]) AS place, min(worked_off_on)
            FROM report_ledger
            WHERE streamer_key = %s AND worked_off_on >= %s AND worked_off_on < %s AND stored > 0 AND last_id >= %s
            GROUP BY place ORDER BY place
            """,
            [unreached, streamer_key, start, end, unreached[0]],
        )
        return _nearest(unreached, dict(cursor.fetchall()))


def _nearest(ids: Sequence[int], by_place: dict[int, datetime]) -> dict[int, datetime]:
    """Return the time of the first report at or above each id. An id whose place has no report was
    reached by one that went beyond the next id.
    """
    found: dict[int, datetime] = {}
    above: datetime | None = None
    for place in range(len(ids), 0, -1):
        above = by_place.get(place, above)
        if above is not None:
            found[ids[place - 1]] = above
    return found


def reports_processed(
    streamer_keys: Sequence[int], *, start: datetime, end: datetime, most: int
) -> list[uuid.UUID]:
    """Return reports by the time at which they were processed, newest first."""
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT report FROM report_ledger
            WHERE streamer_key = ANY(%s) AND worked_off_on >= %s AND worked_off_on < %s
            ORDER BY worked_off_on DESC LIMIT %s
            """,
            [list(streamer_keys), start, end, most],
        )
        return [report for (report,) in cursor.fetchall()]
