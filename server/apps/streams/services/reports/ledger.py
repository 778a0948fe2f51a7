"""The streamer's progress after a report, and the report's row in the ledger."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from server.apps.streams.services.reports.outcomes import Outcome
from server.apps.streams.services.reports.rows import ReportRows
from server.apps.streams.store.reports import LedgerRow, Progress
from server.lib.instants import instant_of
from server.lib.timeseries import PlacedTimes


def progress_after(rows: ReportRows, placed: PlacedTimes) -> Progress:
    """Return the streamer's progress with this report. The acknowledgement never decreases."""
    write, progress = rows.write, rows.progress
    ids = rows.ids[rows.ids > 0]
    covered = progress.covered.with_report(ids)
    if not rows.is_newest:
        return replace(progress, covered=covered)
    return Progress(
        last_id=max(progress.last_id, int(ids.max())),
        covered=covered,
        last_received=write.received,
        last_sent_s=rows.report.header.sent_s,
        last_reboot=instant_of(placed.boot_us),
        last_report=rows.report.header.report_id,
    )


def ledger_row(rows: ReportRows, outcomes: NDArray[np.uint8]) -> LedgerRow:
    write, header = rows.write, rows.report.header
    stored = rows.ids[outcomes == Outcome.STORED]
    counts = {outcome: int(np.count_nonzero(outcomes == outcome)) for outcome in Outcome}
    refused = {o.reason: n for o, n in counts.items() if n and o not in {Outcome.STORED, Outcome.DUPLICATE}}
    remarks = write.policy.remarks(selector=header.selector, is_dictionary=not write.is_signed_list)
    return LedgerRow(
        report=write.report_id,
        received=len(outcomes),
        stored=counts[Outcome.STORED],
        duplicate=counts[Outcome.DUPLICATE],
        refused=sum(refused.values()),
        reasons=refused | dict.fromkeys(remarks, len(outcomes)),
        first_id=int(stored.min()) if stored.size else 0,
        last_id=int(stored.max()) if stored.size else 0,
    )
