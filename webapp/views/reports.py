"""Reports with their ledgers, for the pages that list them."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.apps.ingest.models import StreamerReport
from server.apps.ingest.selectors import ReportWithLedger, with_ledger
from webapp.views.page import when_reachable


@dataclass(frozen=True, slots=True)
class ReportList:
    rows: list[ReportWithLedger]
    reachable: bool
    """False while the stream-data database is unavailable: the rows then have no ledger."""


def reports_with_ledger(reports: Sequence[StreamerReport]) -> ReportList:
    rows = when_reachable(lambda: with_ledger(reports))
    if rows is None:
        return ReportList([ReportWithLedger(report, None) for report in reports], reachable=False)
    return ReportList(rows, reachable=True)
