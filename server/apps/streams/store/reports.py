"""Writes a report: readings, events, rollups, latest values, the streamer's progress and the
ledger, all or nothing.

Three round trips in the usual case: lock the progress row, COPY the readings, one script of
upserts.
"""

import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.db.backends.utils import CursorWrapper
from psycopg2.extras import execute_values

from server.apps.streams.store.batch import COPY_COLUMNS, EventRow, ReadingBatch, copy_bytes
from server.apps.streams.store.connection import reading_cursor
from server.apps.streams.store.open_reports import OpenReport, open_report_sql
from server.apps.streams.store.upserts import latest_sql, rollup_sql
from server.apps.streams.store.writers import writers_lock
from server.lib.instants import instant_of, us_of
from server.lib.timeseries import Coverage, ReportPoint


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a streamer is: its acknowledgement, which reading ids are covered, and its newest
    boot."""

    last_id: int = 0
    covered: Coverage = field(default_factory=Coverage)
    last_received: datetime | None = None
    last_sent_s: int | None = None
    last_reboot: datetime | None = None
    last_report: int | None = None
    """The id of the report that `last_received` and `last_sent_s` belong to."""
    other_reports: Sequence[ReportPoint] = ()
    """The newest reports of the device's other streamers."""

    @property
    def newest_report(self) -> ReportPoint | None:
        if self.last_report is None or self.last_sent_s is None or self.last_reboot is None:
            return None
        return ReportPoint(self.last_report, self.last_sent_s, us_of(self.last_reboot))


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What happened to a report's readings and events: received = stored + duplicate + refused."""

    report: uuid.UUID
    received: int
    stored: int
    duplicate: int
    refused: int
    reasons: Mapping[str, int]
    first_id: int
    last_id: int
    worked_off_on: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportWrite:
    streamer_key: int
    readings: ReadingBatch
    events: Sequence[EventRow]
    progress: Progress
    ledger: LedgerRow
    open: OpenReport | None = None


def lock_progress(
    cursor: CursorWrapper, streamer_key: int, *, device_id: int = 0, other_streamers: Sequence[int] = ()
) -> Progress:
    """Return the streamer's progress, locked until the transaction ends: two workers never process
    reports of one streamer at once, nor of several streamers of one device.

    Joins the writers of the device in the same round trip: see `writers`; nothing may be locked
    before. `other_streamers`: whose newest reports come with it.
    """
    # The lock of the device: of two reports of a boot the second sees the first, and the clocks of
    # both then agree.
    cursor.execute(
        f"""
        SELECT pg_advisory_xact_lock_shared(%s), pg_advisory_xact_lock(%s);
        INSERT INTO streamer_progress AS p (streamer_key) VALUES (%s)
        ON CONFLICT (streamer_key) DO UPDATE SET streamer_key = p.streamer_key
        RETURNING last_id, covered::text, last_received, last_sent_s, last_reboot, last_report, ({_NEWEST_REPORTS})
        """,
        [writers_lock(device_id), device_id, streamer_key, list(other_streamers)],
    )
    last_id, covered, *rest, others = cursor.fetchone()
    progress = Progress(last_id, Coverage.parse(covered), *rest)
    return replace(progress, other_reports=_points(others))


def newest_reports_of(cursor: CursorWrapper, streamer_keys: Sequence[int]) -> tuple[ReportPoint, ...]:
    cursor.execute(_NEWEST_REPORTS, [list(streamer_keys)])
    [(found,)] = cursor.fetchall()
    return _points(found)


def _points(found: Sequence[Sequence[int]] | None) -> tuple[ReportPoint, ...]:
    return tuple(ReportPoint(*each) for each in found or ())


_NEWEST_REPORTS: Final = """
    SELECT json_agg(json_build_array(
        other.last_report, other.last_sent_s, (extract(epoch FROM other.last_reboot) * 1000000)::bigint))
    FROM streamer_progress AS other WHERE other.streamer_key = ANY(%s)
        AND (other.last_report, other.last_sent_s, other.last_reboot) IS NOT NULL
"""


def lock_device(cursor: CursorWrapper, device_id: int, *, above: int = 0) -> bool:
    """Lock what two streamers of a device share, until the transaction ends.

    Returns whether `open_reports_of` would find something, as of when the lock was taken.
    """
    # The tables are locked too: the caller reads and then writes them, and a partition may be
    # created in between.
    cursor.execute(
        """
        LOCK TABLE reading, event IN ROW EXCLUSIVE MODE;
        SELECT pg_advisory_xact_lock(%s);
        SELECT EXISTS (SELECT FROM open_report WHERE device_id = %s AND (reach_to > %s OR cut))
        """,
        [device_id, device_id, above],
    )
    return bool(cursor.fetchone()[0])


def known_ids(
    cursor: CursorWrapper, stream_keys: Sequence[int], ids: Sequence[int], *, around: tuple[int, int] | None
) -> set[tuple[int, int]]:
    """Return which (stream, reading id) are already stored, between two times in microseconds if
    they are given.

    Without times it is only for streams with few rows (reboots) and for rare doubts: there is no
    index on the id.
    """
    within = "" if around is None else " AND ts BETWEEN %s AND %s"
    times = [] if around is None else [instant_of(us) for us in around]
    cursor.execute(
        f"SELECT stream_key, seq FROM reading WHERE stream_key = ANY(%s) AND seq = ANY(%s){within}",
        [list(stream_keys), list(ids), *times],
    )
    return set(cursor.fetchall())


def coverages_of(cursor: CursorWrapper, streamer_keys: Sequence[int]) -> list[Coverage]:
    """Return what these streamers cover, as far as it is committed; nothing for one that has stored
    nothing."""
    cursor.execute(
        "SELECT covered::text FROM streamer_progress WHERE streamer_key = ANY(%s)", [list(streamer_keys)]
    )
    return [Coverage.parse(covered) for (covered,) in cursor.fetchall()]


def known_event_ids(
    cursor: CursorWrapper, stream_keys: Sequence[int], ids: Sequence[int]
) -> set[tuple[int, int]]:
    """Return which (stream, id) of events are already stored. For streams with few rows, as those
    with events are."""
    cursor.execute(
        "SELECT stream_key, seq FROM event WHERE stream_key = ANY(%s) AND seq = ANY(%s)",
        [list(stream_keys), list(ids)],
    )
    return set(cursor.fetchall())


def write_report(cursor: CursorWrapper, write: ReportWrite) -> None:
    """Write all of a report in the caller's transaction."""
    bookkeeping = [_ledger_sql(cursor, write), _progress_sql(cursor, write)]
    if write.open is not None:
        bookkeeping.append(open_report_sql(cursor, write.open))
    write_rows(cursor, write.readings, write.events, also=bookkeeping)


def write_rows(
    cursor: CursorWrapper,
    readings: ReadingBatch,
    events: Sequence[EventRow] = (),
    *,
    also: Sequence[str] = (),
) -> None:
    """Write readings with their hours and latest values, and events, in the caller's transaction.
    `also`: SQL of the same round trip."""
    with cursor.db.wrap_database_errors:  # which Django does for `execute` only
        if len(readings):
            copy_readings(cursor, readings)
        if events:
            insert_events(cursor, events)
    script = list(also)
    if len(readings):
        script += [rollup_sql(readings), latest_sql(readings)]
    if script:
        cursor.execute(";".join(script))


def copy_readings(cursor: CursorWrapper, readings: ReadingBatch) -> None:
    """Write readings only, without their hours and latest values."""
    stream = io.BytesIO(copy_bytes(readings.in_key_order()))
    cursor.copy_expert(f"COPY reading {COPY_COLUMNS} FROM STDIN (FORMAT binary)", stream)


def insert_events(cursor: CursorWrapper, events: Sequence[EventRow]) -> None:
    rows = [
        (
            instant_of(e.ts_us),
            e.reading_id,
            e.raw_time,
            e.stream_key,
            e.status,
            str(e.uuid),
            json.dumps(e.extra_data),
            e.object_key,
            e.data,
            e.object_start,
            e.object_size,
        )
        for e in events
    ]
    execute_values(
        cursor.cursor,
        """
        INSERT INTO event (ts, seq, device_ts, stream_key, status, uuid, extra_data,
                           object_key, data, object_start, object_size) VALUES %s
        """,
        rows,
        page_size=1000,
    )


def _ledger_sql(cursor: CursorWrapper, write: ReportWrite) -> str:
    """Return SQL for the ledger row. A job that runs again finds nothing new, so the row of the
    first run stays."""
    row = write.ledger
    return _bound_sql(
        cursor,
        """
        INSERT INTO report_ledger (report, streamer_key, received, stored, duplicate, refused, reasons, first_id, last_id)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (report) DO NOTHING
        """,
        [
            str(row.report),
            write.streamer_key,
            row.received,
            row.stored,
            row.duplicate,
            row.refused,
            json.dumps(row.reasons),
            row.first_id,
            row.last_id,
        ],
    )


def _progress_sql(cursor: CursorWrapper, write: ReportWrite) -> str:
    progress = write.progress
    return _bound_sql(
        cursor,
        """
        UPDATE streamer_progress
        SET last_id = greatest(last_id, %s), covered = %s, last_received = %s, last_sent_s = %s, last_reboot = %s,
            last_report = %s, updated_on = now()
        WHERE streamer_key = %s
        """,
        [
            progress.last_id,
            str(progress.covered),
            progress.last_received,
            progress.last_sent_s,
            progress.last_reboot,
            progress.last_report,
            write.streamer_key,
        ],
    )


def _bound_sql(cursor: CursorWrapper, sql: str, parameters: Sequence[Any]) -> str:
    """Return SQL with its parameters quoted by the driver, so that statements can share one round
    trip."""
    return str(cursor.mogrify(sql, parameters).decode())


def save_boots(
    cursor: CursorWrapper, streamer_keys: Sequence[int], report_ids: Sequence[int], boots_us: Sequence[int]
) -> None:
    """Set when the boot began, for those streamers whose newest report is one of these."""
    cursor.execute(
        """
        UPDATE streamer_progress AS p SET last_reboot = new.boot
        FROM unnest(%s::bigint[], %s::timestamptz[]) AS new (report, boot)
        WHERE p.streamer_key = ANY(%s) AND p.last_report = new.report AND p.last_reboot <> new.boot
        """,
        [list(report_ids), [instant_of(us) for us in boots_us], list(streamer_keys)],
    )


def amount_of(cursor: CursorWrapper, stream_keys: Sequence[int]) -> tuple[int, int]:
    """Return how many readings these streams have, and the highest id of their newest ones."""
    cursor.execute(
        "SELECT coalesce(sum(count), 0), coalesce(max(seq), 0) FROM latest WHERE stream_key = ANY(%s)",
        [list(stream_keys)],
    )
    count, newest_id = cursor.fetchone()
    return int(count), int(newest_id)


def progress_of(streamer_keys: Sequence[int]) -> dict[int, Progress]:
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT streamer_key, last_id, covered::text, last_received, last_sent_s, last_reboot, last_report
            FROM streamer_progress WHERE streamer_key = ANY(%s)
            """,
            [list(streamer_keys)],
        )
        return {
            key: Progress(last_id, Coverage.parse(covered), *rest)
            for key, last_id, covered, *rest in cursor.fetchall()
        }


def ledger_of(reports: Sequence[uuid.UUID]) -> dict[uuid.UUID, LedgerRow]:
    with reading_cursor() as cursor:
        cursor.execute(
            """
            SELECT report, received, stored, duplicate, refused, reasons::json, first_id, last_id, worked_off_on
            FROM report_ledger WHERE report = ANY(%s::uuid[])
            """,
            [[str(report) for report in reports]],
        )
        rows = [LedgerRow(*row) for row in cursor.fetchall()]
    return {row.report: row for row in rows}
