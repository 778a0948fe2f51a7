"""The mark that a binary report leaves beside its readings, as the original cloud does: who looks at a device's data sees when it
reported, and whether a report was cut.

Column by column: the report's own id, its sent time, when it was received, and the streamer's index as the word. It rides in the
COPY of the readings. It is ours and not the device's, so it counts neither in the ledger nor in the acknowledgement. A report
leaves it with the first of its readings that is stored; repeated, it brings none and so leaves no second one.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from server.apps.streams import store
from server.apps.streams.services.reports.converting import values_of
from server.apps.streams.services.streams import StreamWriter
from server.lib.formats import Report
from server.lib.timeseries import COMPLETE_REPORT, CUT_REPORT, TimeStatus, is_cut

COMPLETE: Final = COMPLETE_REPORT
CUT: Final = CUT_REPORT


def marker_stream(report: Report) -> int | None:
    """The local variable id of the stream that the report's mark goes to; None: it leaves none."""
    if report.header.format != "signed-list":
        return None
    return CUT if is_cut(len(report.readings)) else COMPLETE


def with_marker(
    readings: store.ReadingBatch, report: Report, *, received_us: int, writers: Mapping[int, StreamWriter]
) -> store.ReadingBatch:
    """These rows and the mark; without one if its stream is disabled, or the device has no room for another."""
    lid = marker_stream(report)
    writer = None if lid is None else writers.get(lid)
    if not len(readings) or writer is None or not writer.enabled:
        return readings
    word = np.array([report.header.streamer_index], dtype=np.uint32)
    value, kind = values_of(writer, word)
    marker = store.ReadingBatch(
        stream_key=np.array([writer.key], dtype=np.int32),
        ts_us=np.array([received_us], dtype=np.int64),
        seq=np.array([report.header.report_id], dtype=np.int64),
        device_ts=np.array([report.header.sent_s], dtype=np.uint32),
        int_value=word,
        value=value,
        status=np.array([TimeStatus.CLN], dtype=np.uint8),
        kind=kind,
    )
    return readings.followed_by(marker)
