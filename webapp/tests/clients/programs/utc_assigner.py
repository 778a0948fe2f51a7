"""Uses the UTC assigner of `iotile-core` on the reports of devices: prints the times that it gives
to their readings."""

import json
import sys
from datetime import datetime, timedelta
from typing import Any

from iotile.core.hw.reports import SignedListReport
from iotile.core.hw.reports.utc_assigner import UTCAssigner

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  the library's times have no zone
TRIP_STREAMS = (0x0E00, 0x0E01)


def main(given: dict[str, Any]) -> list[dict[int, float]]:
    return [times_of(reports) for reports in given["lives"]]


def times_of(reports: list[tuple[str, float]]) -> dict[int, float]:
    """Takes reports in hexadecimal and when they were received, in seconds since 1970, as are the
    times that it returns by reading id."""
    assigner = UTCAssigner()
    for stream in TRIP_STREAMS:
        assigner.anchor_stream(stream, "epoch")
    read = []
    for raw, received in reports:
        report = SignedListReport(bytearray.fromhex(raw))
        report.received_time = EPOCH + timedelta(seconds=received)
        assigner.add_report(report)
        read.append(report)
    assigner.ensure_prepared()
    found = {}
    for report in read:
        for reading in report.visible_readings:
            assigned = assigner.assign_utc(reading.reading_id, reading.raw_time)
            if assigned is not None:
                found[reading.reading_id] = (assigned.utc - EPOCH).total_seconds()
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))))
