"""Asserts that everything sent is stored exactly once, and that all counts agree."""

from collections import Counter
from collections.abc import Mapping

from chaos.harness.queries import query_core, query_stream_data
from chaos.harness.readings import Reading, digest
from chaos.harness.sending import Senders
from server.apps.ingest.models import Streamer as StreamerRow
from server.apps.ingest.models import StreamerReport
from server.apps.streams.models import StreamId
from server.lib.timeseries import REPORT_MARKS


def assert_all_stored(senders: Senders) -> None:
    """Raises AssertionError with the first violation."""
    stored, sent = stored_readings(), senders.sent()
    doubled = [reading for reading, times in Counter(stored).items() if times > 1]
    assert doubled == [], f"{len(doubled)} of {len(sent)} readings are stored twice"
    assert set(stored) - sent == set(), "readings that nobody sent"
    assert sent - set(stored) == set(), "readings that are lost"
    assert digest(stored) == digest(sent)
    _assert_counts(Counter(stream_keys()))
    _assert_acknowledgements(senders)
    _assert_reports(senders)
    assert queue_is_empty(), "jobs are stuck"
    assert query_core("SELECT reason FROM core_deadjob") == []


def stored_readings() -> list[Reading]:
    streams: Mapping[int, tuple[int, int]] = {
        key: (device, lid) for key, device, lid in StreamId.objects.values_list("key", "device_id", "var_lid")
    }
    found = query_stream_data("SELECT stream_key, seq, int_value::bigint & 4294967295, value FROM reading")
    assert all(value is not None for *_, value in found)
    return [(*streams[key], seq, word) for key, seq, word, _ in found if streams[key][1] not in REPORT_MARKS]


def stream_keys() -> list[int]:
    return [key for (key,) in query_stream_data("SELECT stream_key FROM reading")]


def _assert_counts(readings: Mapping[int, int]) -> None:
    rollups = dict(
        query_stream_data("SELECT stream_key, sum(count)::bigint FROM rollup_hour GROUP BY stream_key")
    )
    latest = dict(query_stream_data("SELECT stream_key, count FROM latest"))
    newest = dict(
        query_stream_data(
            "SELECT DISTINCT ON (stream_key) stream_key, seq FROM reading ORDER BY stream_key, ts DESC, seq DESC"
        )
    )
    assert rollups == readings, "hour rollups count something else"
    assert latest == readings, "latest values count something else"
    assert dict(query_stream_data("SELECT stream_key, seq FROM latest")) == newest, (
        "latest values are not the newest"
    )


def _assert_acknowledgements(senders: Senders) -> None:
    last_ids = dict(query_stream_data("SELECT streamer_key, last_id FROM streamer_progress"))
    acknowledged = {
        (streamer.device_id, streamer.index): last_ids.get(streamer.pk, 0)
        for streamer in StreamerRow.objects.all()
    }
    expected = {
        (streamer.device.pk, streamer.index): streamer.acknowledgement
        for streamer in senders.streamers
        if streamer.sent
    }
    assert acknowledged == expected


def _assert_reports(senders: Senders) -> None:
    reports = {report.pk: report for report in StreamerReport.objects.all()}
    ledger = {
        report: (received, stored, duplicate, refused, first, last)
        for report, received, stored, duplicate, refused, first, last in query_stream_data(
            "SELECT report, received, stored, duplicate, refused, first_id, last_id FROM report_ledger"
        )
    }
    assert len(reports) >= senders.uploads, "accepted reports are not there"  # more when an answer was lost
    assert ledger.keys() == reports.keys(), "reports without a ledger"
    assert sum(row[1] for row in ledger.values()) == len(senders.sent()), "the ledgers count something else"
    for key, (received, stored, duplicate, refused, first, last) in ledger.items():
        report = reports[key]
        assert received == report.count == stored + duplicate + refused
        assert report.status == StreamerReport.Status.STORED
        assert (report.actual_first_id, report.actual_last_id) == (first, last)


def queue_is_empty() -> bool:
    return query_core("SELECT count(*) FROM core_job") == [(0,)]


def highest_attempt() -> int:
    """Returns the highest number of attempts of any waiting job."""
    [(attempts,)] = query_core("SELECT coalesce(max(attempt), 0) FROM core_job")
    return int(attempts)


def count_running_jobs() -> int:
    """Returns how many jobs are with a worker, dead or alive, and not yet visible again."""
    [(count,)] = query_core(
        "SELECT count(*) FROM core_job WHERE in_hand AND available_on > now() + interval '0.5 s'"
    )
    return int(count)


def count_processed_reports() -> int:
    [(count,)] = query_stream_data("SELECT count(*) FROM report_ledger")
    return int(count)


def count_waiting_jobs() -> int:
    [(count,)] = query_core("SELECT count(*) FROM core_job")
    return int(count)
