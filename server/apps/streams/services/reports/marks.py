"""The mark that a binary report leaves beside its readings, as in the original cloud: it shows when
the device reported, and whether the report was cut."""

import numpy as np

from server.apps.streams.services.reports.converting import values_of
from server.apps.streams.services.reports.rows import ReportRows
from server.apps.streams.store.batch import ReadingBatch
from server.lib.formats import Report
from server.lib.timeseries import COMPLETE_REPORT, CUT_REPORT, TimeStatus, is_cut


def mark_lid(report: Report) -> int | None:
    """Return the local variable id of the stream that the report's mark goes to; None when it
    leaves none."""
    if report.header.format != "signed-list":
        return None
    return CUT_REPORT if is_cut(len(report.readings)) else COMPLETE_REPORT


def with_mark(readings: ReadingBatch, rows: ReportRows) -> ReadingBatch:
    """Return these readings and the mark; no mark when its stream is disabled or the device has too
    many streams.

    The mark is ours and not the device's, so it counts neither in the ledger nor in the
    acknowledgement.
    """
    header = rows.report.header
    lid = mark_lid(rows.report)
    writer = None if lid is None else rows.writers.get(lid)
    # The mark comes with the first of its readings that is stored: a report that is repeated brings
    # none, and no second mark.
    if not len(readings) or writer is None or not writer.enabled:
        return readings
    word = np.array([header.streamer_index], dtype=np.uint32)
    value, kind = values_of(writer, word)
    mark = ReadingBatch(
        stream_key=np.array([writer.key], dtype=np.int32),
        ts_us=np.array([rows.write.received_us], dtype=np.int64),
        reading_id=np.array([header.report_id], dtype=np.int64),
        raw_time=np.array([header.sent_s], dtype=np.uint32),
        int_value=word,
        value=value,
        status=np.array([TimeStatus.CLN], dtype=np.uint8),
        kind=kind,
    )
    return readings.followed_by(mark)
