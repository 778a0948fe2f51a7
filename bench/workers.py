"""Real worker processes: the rate of one and of two, and their peak memory."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bench.database import BenchOwner, make_owner, new_device, report_bytes
from bench.processes import peak_kb, process_tree
from bench.server import running_server
from bench.table import Row
from bench.upload import BOUNDARY, multipart
from server.apps.devices.models import Device
from server.apps.ingest.services.receiving import Upload, receive_report
from server.core.queue.models import Job, JobLog

DEVICES = 1000
REPORTS = 4  # of each device
READINGS = 100
ROUNDS = 2
LONGEST_REPORT = 12_285  # readings: the largest report that devices make, 196,604 bytes
LARGEST_DICTIONARY_BYTES = 16 * 1024 * 1024
WORKER = ("-m", "server.manage", "sqs-loop-worker")


def rows() -> Iterator[Row]:
    owner = make_owner()
    Job.objects.all().delete()  # of what was measured before
    yield from _rates(owner)
    yield _memory_of_a_long_report(owner)
    yield from _memory_of_a_huge_dictionary(owner)


def _rates(owner: BenchOwner) -> Iterator[Row]:
    """Measure one and two workers in turn, so that a drift of the machine's speed affects both
    alike; the best of each counts."""
    senders = _Senders(owner)
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for workers, found in rates.items():
            senders.upload(REPORTS // ROUNDS)
            found.append(_measure_rate(workers))
    one, two = max(rates[1]), max(rates[2])
    what = f"reports of {READINGS} readings, {DEVICES:,} devices"
    yield Row(f"{what}, one worker", f"{one:.0f}/s")
    yield Row(f"{what}, two workers", f"{two:.0f}/s", budget="at least 300/s")
    yield Row(
        "two workers on two cores", f"{two:.0f}/s", f"{one:.0f}/s one worker", two / one, "at least 1.7x"
    )


class _Senders:
    def __init__(self, owner: BenchOwner) -> None:
        self._owner = owner
        self._devices = [new_device(owner) for _ in range(DEVICES)]
        self._uploaded_reports = 0

    def upload(self, reports: int) -> None:
        for _ in range(reports):
            first_id = 1 + self._uploaded_reports * (READINGS + 1)
            received = datetime.now(UTC) - timedelta(days=30) + timedelta(hours=self._uploaded_reports)
            for device in self._devices:
                data = report_bytes(
                    device, first_id=first_id, count=READINGS, sent_s=10_000 + self._uploaded_reports * 3600
                )
                _upload(self._owner, data, "report.bin", received)
            self._uploaded_reports += 1


def _upload(owner: BenchOwner, data: bytes, name: str, received: datetime) -> None:
    upload = Upload(sender=owner.user, data=data, file_name=name, received=received)
    receive_report(upload, now=datetime.now(UTC))


def _measure_rate(workers: int) -> float:
    """Returns jobs per second between the first and the last that are done, by the database's
    clock."""
    JobLog.objects.all().delete()
    waiting = Job.objects.count()
    _run_workers(workers)
    ends = list(
        JobLog.objects.filter(action="process-report", outcome="done").values_list("finished_on", flat=True)
    )
    if len(ends) != waiting:
        raise RuntimeError(f"{len(ends)} of {waiting} reports were processed")
    return (len(ends) - 1) / (max(ends) - min(ends)).total_seconds()


def _run_workers(workers: int) -> int:
    """Run workers until the queue is empty. Returns the highest resident size of a worker in kB."""
    argv = [
        sys.executable,
        "-W",
        "ignore",
        *WORKER,
        "--once",
        "--processes",
        str(workers if workers > 1 else 0),
    ]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the worker ended with {process.returncode}")
    return used.ru_maxrss


def _memory_of_a_long_report(owner: BenchOwner) -> Row:
    device = new_device(owner)
    for n in range(3):
        first_id = 1 + n * (LONGEST_REPORT + 1)
        data = report_bytes(device, first_id=first_id, count=LONGEST_REPORT, sent_s=1_000_000 + n * 500_000)
        _upload(owner, data, "report.bin", datetime.now(UTC) - timedelta(days=60 - n * 6))
    return Row(
        f"worker, reports of {len(data):,} bytes",
        f"{_run_workers(1) / 1024:.0f} MB at most",
        budget="under 150 MB",
    )


def _memory_of_a_huge_dictionary(owner: BenchOwner) -> Iterator[Row]:
    """Measure the web process that accepts the dictionary and the worker that stores it. It may be
    refused, too."""
    device = new_device(owner)
    for kind, items in (("readings", _readings), ("events", _events)):
        data = _dictionary(device, items)
        what = f"dictionary of {len(data) / 2**20:.1f} MB of {kind}"
        answer, taking_kb = _upload_over_http(owner, data)
        yield Row(f"{what}: taking it", f"{taking_kb / 1024:.0f} MB at most", answer, budget="under 400 MB")
        began = time.perf_counter()
        storing_kb = _run_workers(1)
        took = f"{time.perf_counter() - began:.1f} s"
        yield Row(f"{what}: storing it", f"{storing_kb / 1024:.0f} MB at most", took, budget="under 400 MB")


def _upload_over_http(owner: BenchOwner, data: bytes) -> tuple[str, int]:
    """Returns the answer, and the highest resident size of a web process in kB."""
    headers = {
        "Authorization": f"JWT {owner.jwt}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    with running_server("server.config.wsgi.application") as web:
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=120)
        path = "/api/v1/streamer/report/?timestamp=2026-01-01T00:00:00Z"
        connection.request("POST", path, multipart(data, "report.json"), headers)
        status = connection.getresponse().status
        connection.close()
        return f"answered {status}", max(map(peak_kb, process_tree(web.pid)))


def _dictionary(device: Device, items: Callable[[int], dict[str, object]]) -> bytes:
    about = {
        "format": "v100",
        "device": device.pk,
        "streamer_index": 256,
        "streamer_selector": 65535,
        "device_sent_timestamp": 4294967295,
        "incremental_id": 0,
    }
    size = len(json.dumps(items(10**6), separators=(",", ":"))) + 1
    count = (LARGEST_DICTIONARY_BYTES - 4096) // size
    found = [items(1 + n) for n in range(count)]
    data: Sequence[dict[str, object]] = [item for item in found if "value" in item]
    events: Sequence[dict[str, object]] = [item for item in found if "value" not in item]
    whole = {**about, "lowest_id": 1, "highest_id": count, "data": data, "events": events}
    return json.dumps(whole, separators=(",", ":")).encode()


def _readings(number: int) -> dict[str, object]:
    return {
        "stream": "5001",
        "streamer_local_id": number,
        "timestamp": "2026-01-01T00:00:00Z",
        "device_timestamp": None,
        "value": number,
    }


def _events(number: int) -> dict[str, object]:
    return {
        "stream": "5020",
        "streamer_local_id": 10**8 + number,
        "timestamp": "2026-01-01T00:00:00Z",
        "device_timestamp": None,
        "extra_data": {"peak": number, "axis": "x"},
        "data": None,
    }
