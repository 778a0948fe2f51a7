"""The worker's hot path: a stored report becomes readings."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext

from bench.database import (
    BenchOwner,
    bare_table,
    copy_stream,
    fill,
    make_owner,
    new_device,
    report_bytes,
    stream_cursor,
)
from bench.table import Row, ms
from bench.timing import paired_medians, seconds
from server.apps.ingest.services.processing import process_report
from server.apps.ingest.services.receiving import Upload, receive_report

STEP_S = 60
STORED_READINGS = (5_000_000, 20_000_000)
MINUTES_A_YEAR = 500_000  # minutes, nearly
_COPY = (
    "COPY bare (ts, seq, value, int_value, device_ts, stream_key, status, kind) FROM STDIN (FORMAT binary)"
)


class Reports:
    """Consecutive reports of one device."""

    def __init__(self, owner: BenchOwner, readings: int) -> None:
        self.owner, self.readings = owner, readings
        self.device = new_device(owner)
        self.sent_s = readings * STEP_S
        self.first_id = 1
        self.received = datetime.now(UTC) - timedelta(days=300)

    def upload(self) -> str:
        data = report_bytes(self.device, first_id=self.first_id, count=self.readings, sent_s=self.sent_s)
        upload = Upload(sender=self.owner.user, data=data, file_name="report.bin", received=self.received)
        report = receive_report(upload, now=datetime.now(UTC))
        span_s = self.readings * STEP_S // 2
        self.first_id += self.readings + 1
        self.sent_s += span_s
        self.received += timedelta(seconds=span_s)
        return str(report.pk)

    def process(self) -> float:
        report_id = self.upload()
        return seconds(lambda: process_report(report_id=report_id))


def rows() -> Iterator[Row]:
    owner = make_owner()
    before = {}
    for readings, budget in (
        (10_000, "at most 4x, aim 2x"),
        (1000, "at most 8x"),
        (100, "at most 5 ms, 10 queries"),
    ):
        figure, baseline = _against_copy(owner, readings)
        before[readings] = figure
        yield Row(
            f"{readings:,}-reading report, job to commit", ms(figure), ms(baseline), figure / baseline, budget
        )
    yield Row("100-reading report, queries", f"{_queries(owner)} queries", budget="at most 10")
    yield Row(
        "bytes per reading, index included, 50 streams",
        f"{_bytes_per_reading(owner):.0f} B",
        budget="at most 110 B",
    )
    stored = 0
    for wanted in STORED_READINGS:
        _store(owner, wanted - stored)
        stored = wanted
        for readings in (10_000, 1000, 100):
            figure, _ = _against_copy(owner, readings)
            yield Row(
                f"{readings:,}-reading report with {stored:,} stored",
                ms(figure),
                f"{ms(before[readings])} empty",
                figure / before[readings],
                "no slower, within noise",
            )


def _store(owner: BenchOwner, readings: int) -> None:
    """Store a year of minutes for each of several devices, so that the readings are spread over
    twelve partitions."""
    for _ in range(readings // MINUTES_A_YEAR):
        fill(
            new_device(owner),
            readings=MINUTES_A_YEAR,
            step_s=60,
            until=datetime.now(UTC) - timedelta(hours=1),
        )
    with stream_cursor() as cursor:  # otherwise vacuum and checkpoint would run during the first rows
        cursor.execute("VACUUM (ANALYZE) reading")
        cursor.execute("CHECKPOINT")


def _against_copy(owner: BenchOwner, readings: int) -> tuple[float, float]:
    reports = Reports(owner, readings)
    with stream_cursor() as cursor:
        bare_table(cursor)
    return paired_medians(
        lambda run: reports.process(),
        lambda run: _copy(copy_stream(readings, run=run, now=reports.received)),
        runs=15 if readings > 1000 else 40,
    )


def _copy(stream: object) -> float:
    def work() -> None:
        with transaction.atomic(using="streamdata"), stream_cursor() as cursor:
            cursor.copy_expert(_COPY, stream)

    return seconds(work)


def _queries(owner: BenchOwner) -> int:
    reports = Reports(owner, 100)
    reports.process()
    report_id = reports.upload()
    with (
        CaptureQueriesContext(connections["default"]) as core,
        CaptureQueriesContext(connections["streamdata"]) as data,
    ):
        process_report(report_id=report_id)
    copies = 1  # COPY does not pass through the counter
    return len(core) + len(data) + copies


def _bytes_per_reading(owner: BenchOwner) -> float:
    """Store reports of 25 devices with two streams each in turn, so that the index grows in fifty
    places at once."""
    senders = [Reports(owner, 400) for _ in range(25)]
    with stream_cursor() as cursor:
        before = _sizes(cursor)
        for _ in range(12):
            for sender in senders:
                sender.process()
        after = _sizes(cursor)
    return (after[0] - before[0]) / (after[1] - before[1])


def _sizes(cursor: CursorWrapper) -> tuple[int, int]:
    cursor.execute(
        """
        SELECT sum(pg_total_relation_size(inhrelid)) + pg_total_relation_size('rollup_hour'), (SELECT count(*) FROM reading)
        FROM pg_inherits WHERE inhparent = 'reading'::regclass
        """
    )
    size, count = cursor.fetchone()
    return int(size), int(count)
