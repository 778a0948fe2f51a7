"""The only door to the stream-data database: its hot paths, with their SQL in view.

Budgets and guarding tests: docs/hotpaths.md. Times are integer microseconds since 1970 (UTC) here and in `server.lib`.
"""

from server.apps.streams.store.batch import EventRow, Kind, ReadingBatch
from server.apps.streams.store.connection import reading_cursor, writing_cursor
from server.apps.streams.store.partitions import make_month_partitions, partition_months
from server.apps.streams.store.reads import (
    Band,
    EventRecord,
    Latest,
    Reading,
    chart_band,
    count_readings,
    events_of_streams,
    latest_of,
    readings_of_stream,
    readings_of_streams,
)
from server.apps.streams.store.reports import (
    LedgerRow,
    Progress,
    ReportWrite,
    known_event_ids,
    known_ids,
    ledger_of,
    lock_device,
    lock_progress,
    progress_of,
    write_report,
)

__all__ = [
    "Band",
    "EventRecord",
    "EventRow",
    "Kind",
    "Latest",
    "LedgerRow",
    "Progress",
    "Reading",
    "ReadingBatch",
    "ReportWrite",
    "chart_band",
    "count_readings",
    "events_of_streams",
    "known_event_ids",
    "known_ids",
    "latest_of",
    "ledger_of",
    "lock_device",
    "lock_progress",
    "make_month_partitions",
    "partition_months",
    "progress_of",
    "reading_cursor",
    "readings_of_stream",
    "readings_of_streams",
    "write_report",
    "writing_cursor",
]
