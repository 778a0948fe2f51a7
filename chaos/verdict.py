"""Compares what the devices have sent with what is stored: each reading once, with its value and
time, and all counts.

It reads the databases directly: nothing here asks the program under test.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos import expectations, sums
from chaos.devices import Device
from chaos.harness.queries import query_core, query_stream_data
from chaos.harness.readings import Reading, digest
from server.lib.timeseries import REPORT_MARKS

MARKERS = frozenset(REPORT_MARKS)  # rows that the server adds to a report


@dataclass
class Verdict:
    """Counts, and `faults` as sentences. `digest` is a hash over all readings, sent and stored."""

    sent: int = 0
    lost: int = 0
    doubled: int = 0
    faults: list[str] = field(default_factory=list)
    digest: str = ""

    def record_faults(self, what: str, found: Sequence[Any]) -> int:
        if found:
            self.faults.append(f"{what}: {len(found)}, such as {found[:3]}")
        return len(found)


def check_devices(devices: Sequence[Device]) -> Verdict:
    """Check everything of these devices. The queue must be empty."""
    verdict = Verdict()
    streams = _streams(devices)
    _check_readings(verdict, devices, streams)
    _check_events(verdict, devices, streams)
    _check_acknowledgements(verdict, devices)
    _check_reports(verdict, devices, streams)
    for what, found in sums.differences(sorted(streams)):
        verdict.record_faults(what, found)
    return verdict


def dump(devices: Sequence[int]) -> dict[str, list[tuple[Any, ...]]]:
    """Returns everything that is stored of these devices, for a person to look at."""
    keys = [
        key for (key,) in query_core("SELECT key FROM streams_streamid WHERE device_id = ANY(%s)", [devices])
    ]
    streamers = query_core(
        "SELECT id, device_id, index FROM ingest_streamer WHERE device_id = ANY(%s)", [devices]
    )
    own = [key for key, _, _ in streamers]
    return {
        "streams": query_core(
            "SELECT key, device_id, var_lid FROM streams_streamid WHERE device_id = ANY(%s)", [devices]
        ),
        "streamers": streamers,
        "reports": query_core("SELECT * FROM ingest_streamerreport WHERE streamer_id = ANY(%s)", [own]),
        "jobs": query_core("SELECT * FROM core_job"),
        "dead": query_core("SELECT * FROM core_deadjob"),
        "reading": query_stream_data("SELECT * FROM reading WHERE stream_key = ANY(%s)", [keys]),
        "event": query_stream_data("SELECT * FROM event WHERE stream_key = ANY(%s)", [keys]),
        "progress": query_stream_data("SELECT * FROM streamer_progress WHERE streamer_key = ANY(%s)", [own]),
        "ledger": query_stream_data("SELECT * FROM report_ledger WHERE streamer_key = ANY(%s)", [own]),
        "rollup_hour": query_stream_data("SELECT * FROM rollup_hour WHERE stream_key = ANY(%s)", [keys]),
        "latest": query_stream_data("SELECT * FROM latest WHERE stream_key = ANY(%s)", [keys]),
    }


def _streams(devices: Sequence[Device]) -> dict[int, tuple[int, int]]:
    """Returns device number and local variable id by stream key."""
    numbers = [device.number for device in devices]
    found = query_core(
        "SELECT key, device_id, var_lid FROM streams_streamid WHERE device_id = ANY(%s)", [numbers]
    )
    return {key: (device, lid) for key, device, lid in found}


def _check_readings(verdict: Verdict, devices: Sequence[Device], streams: dict[int, tuple[int, int]]) -> None:
    times = expectations.possible_times(devices)
    stored: list[tuple[Reading, int]] = []
    markers: list[tuple[int, int]] = []
    for key, seq, word, at_s in query_stream_data(
        "SELECT stream_key, seq, int_value::bigint & 4294967295, extract(epoch FROM ts)::float8"
        " FROM reading WHERE stream_key = ANY(%s)",
        [list(streams)],
    ):
        device, lid = streams[key]
        if lid in MARKERS:
            markers.append((device, seq))
        else:
            stored.append(((device, lid, seq, word), at_s))
    sent = times.keys()
    there = Counter(kept for kept, _ in stored)
    doubled = Counter(kept[:3] for kept in there.elements())
    verdict.sent += len(sent)
    verdict.doubled += verdict.record_faults("stored twice", [kept for kept, n in doubled.items() if n > 1])
    verdict.lost += verdict.record_faults("lost", sorted(sent - there.keys()))
    verdict.record_faults("sent by nobody", sorted(there.keys() - sent))
    # Without possible times nothing is wrong: the device rebooted before it sent, so nobody knows
    # the time.
    wrong = [
        (kept, at_s, possible)
        for kept, at_s in stored
        if (possible := times.get(kept)) is not None and at_s not in possible
    ]
    verdict.record_faults("at a wrong time", wrong)
    _check_markers(verdict, devices, markers)
    verdict.digest = digest(sent)
    if digest(there.elements()) != verdict.digest:
        verdict.record_faults("hash differs", [verdict.digest])


def _check_markers(verdict: Verdict, devices: Sequence[Device], markers: list[tuple[int, int]]) -> None:
    reports = {device.number: sum(len(up.rows) > 0 for up in device.uploads) for device in devices}
    found = Counter(device for device, _ in markers)
    most = [(number, n) for number, n in found.items() if n > len(MARKERS) * reports[number]]
    verdict.record_faults("more marker rows than reports", most)
    verdict.record_faults(
        "marker rows twice", [each for each, n in Counter(markers).items() if n > len(MARKERS)]
    )


def _check_events(verdict: Verdict, devices: Sequence[Device], streams: dict[int, tuple[int, int]]) -> None:
    sent = {(device.number, id) for device in devices for up in device.uploads for id in up.event_ids}
    found = query_stream_data(
        """
        SELECT stream_key, seq, (extra_data->>'peak')::bigint, data, object_key, object_start, object_size
        FROM event WHERE stream_key = ANY(%s)
        """,
        [list(streams)],
    )
    there = Counter((streams[key][0], seq) for key, seq, *_ in found)
    verdict.sent += len(sent)
    verdict.lost += verdict.record_faults("events lost", sorted(sent - there.keys()))
    verdict.doubled += verdict.record_faults("events twice", [each for each, n in there.items() if n > 1])
    verdict.record_faults("events sent by nobody", sorted(there.keys() - sent))
    verdict.record_faults("events with other content", [seq for _, seq, peak, *_ in found if seq != peak])
    broken = [seq for _, seq, _, *place in found if not expectations.is_event_data_stored(*place, id=seq)]
    verdict.record_faults("events without their large part", broken)


def _check_acknowledgements(verdict: Verdict, devices: Sequence[Device]) -> None:
    numbers = [device.number for device in devices]
    streamers = query_core(
        "SELECT id, device_id, index FROM ingest_streamer WHERE device_id = ANY(%s)", [numbers]
    )
    last = dict(
        query_stream_data(
            "SELECT streamer_key, last_id FROM streamer_progress WHERE streamer_key = ANY(%s)",
            [[key for key, _, _ in streamers]],
        )
    )
    stored = {(device, index): last.get(key, 0) for key, device, index in streamers}
    due = {
        (device.number, index): highest
        for device in devices
        for index, highest in device.highest_ids().items()
    }
    verdict.record_faults("acknowledgements that are wrong", sorted(stored.items() ^ due.items()))


def _check_reports(verdict: Verdict, devices: Sequence[Device], streams: dict[int, tuple[int, int]]) -> None:
    numbers = [device.number for device in devices]
    reports = query_core(
        "SELECT report.id, report.count, report.status, report.failure, streamer.device_id"
        " FROM ingest_streamerreport report JOIN ingest_streamer streamer ON streamer.id = report.streamer_id"
        " WHERE streamer.device_id = ANY(%s)",
        [numbers],
    )
    ledger = {
        report: counts
        for report, *counts in query_stream_data(
            "SELECT report, received, stored, duplicate, refused FROM report_ledger WHERE report = ANY(%s)",
            [[report for report, *_ in reports]],
        )
    }
    verdict.record_faults(
        "reports that were not processed", [each[0] for each in reports if each[0] not in ledger]
    )
    verdict.record_faults("reports that are not stored", [each for each in reports if each[2] != "stored"])
    uneven = [
        (report, count, ledger[report])
        for report, count, *_ in reports
        if report in ledger and not count == ledger[report][0] == sum(ledger[report][1:])
    ]
    verdict.record_faults("ledgers that do not add up", uneven)
    counted = Counter[int]()
    for report, *_, device in reports:
        counted[device] += ledger[report][1] if report in ledger else 0
    verdict.record_faults(
        "ledgers that count other rows", sorted(counted.items() ^ _rows_of(streams).items())
    )
    too_few = sum(len({up.data for up in device.uploads}) for device in devices) > len(reports)
    verdict.record_faults("acknowledged uploads without a report", [len(reports)] if too_few else [])


def _rows_of(streams: dict[int, tuple[int, int]]) -> Counter[int]:
    """Returns the number of stored readings and events of each device."""
    counted = Counter[int]()
    keys = [key for key, (_, lid) in streams.items() if lid not in MARKERS]
    for table in ("reading", "event"):
        for key, count in query_stream_data(
            f"SELECT stream_key, count(*) FROM {table} WHERE stream_key = ANY(%s) GROUP BY 1", [keys]
        ):
            counted[streams[key][0]] += count
    return counted
