"""The web process's hot path: an upload is checked, kept and queued."""

import http.client
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.database import BenchOwner, make_owner, new_device, report_bytes
from bench.server import running_server
from bench.table import Row

CLIENTS = 4
UPLOADS = 150  # by each client
ROUNDS = 5
READINGS = 100
BOUNDARY = "bench-boundary"


def rows() -> Iterator[Row]:
    owner = make_owner()
    with connections["default"].cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS floor (id bigserial PRIMARY KEY, hash text)")
    bodies = [[multipart(data) for data in _reports(owner)] for _ in range(CLIENTS)]
    with (
        running_server("server.config.wsgi.application") as ours,
        running_server("bench.floor.application") as floor,
    ):
        _rate(ours.port, owner, [part[:20] for part in bodies])
        _rate(floor.port, owner, [part[:20] for part in bodies])
        rates = [(_rate(ours.port, owner, bodies), _rate(floor.port, owner, bodies)) for _ in range(ROUNDS)]
    ours_rate, floor_rate = (statistics.median(column) for column in zip(*rates, strict=True))
    yield Row(
        f"upload of {READINGS} readings, {CLIENTS} clients",
        f"{ours_rate:.0f}/s",
        f"{floor_rate:.0f}/s hash + insert",
        ours_rate / floor_rate,
        "at least 0.33x",
    )
    yield Row("upload, queries", f"{_queries(owner)} queries", budget="at most 8")


def _reports(owner: BenchOwner) -> list[bytes]:
    device = new_device(owner)
    return [
        report_bytes(device, first_id=1 + n * (READINGS + 1), count=READINGS, sent_s=10_000 + n * 60)
        for n in range(UPLOADS)
    ]


def multipart(data: bytes, name: str = "report.bin") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def _rate(port: int, owner: BenchOwner, bodies: Sequence[Sequence[bytes]]) -> float:
    """Returns uploads per second. Each client keeps its connection and sends one report after
    another."""
    failures: list[str] = []
    threads = [threading.Thread(target=_client, args=(port, owner.jwt, part, failures)) for part in bodies]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"an upload was not taken: {failures[0]}")
    return sum(map(len, bodies)) / (time.perf_counter() - started)


def _client(port: int, jwt: str, bodies: Sequence[bytes], failures: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"JWT {jwt}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    stamp = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for body in bodies:
        connection.request("POST", f"/api/v1/streamer/report/?timestamp={stamp}", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            failures.append(f"{answer.status} {text[:200]!r}")
            return
    connection.close()


def _queries(owner: BenchOwner) -> int:
    client = Client()
    body = multipart(report_bytes(new_device(owner), first_id=1, count=READINGS, sent_s=10_000))
    with CaptureQueriesContext(connections["default"]) as core:
        client.post(
            "/api/v1/streamer/report/?timestamp=2026-01-01T00:00:00Z",
            body,
            content_type=f"multipart/form-data; boundary={BOUNDARY}",
            headers={"Authorization": f"JWT {owner.jwt}"},
        )
    return len([query for query in core.captured_queries if not query["sql"].startswith(("BEGIN", "COMMIT"))])
