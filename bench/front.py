"""What slow clients do to others: the wait for a page beside them, over the wait without them."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import psutil

from bench.database import fill, make_owner, new_device
from bench.server import running_server
from bench.table import Row, ms
from bench.timing import percentile, seconds

PROBES = 40
DRIPPING = 64
SILENT = 40
NOT_READING = 12
ROWS = 200_000
DRIP_S = 1.0
HOST = "127.0.0.1"


def rows() -> Iterator[Row]:
    owner = make_owner()
    stream = fill(new_device(owner), readings=ROWS, step_s=60, until=datetime.now(UTC))
    with running_server("server.config.wsgi.application") as web:
        _waits(web.port)
        idle = _waits(web.port)
        memory = _memory_bytes(web.pid)
        export = (
            f"GET /api/v1/stream/{stream.slug}/csv/ HTTP/1.1\r\nHost: {HOST}\r\n"
            f"Authorization: JWT {owner.jwt}\r\n\r\n"
        ).encode()
        upload = (
            f"POST /api/v1/streamer/report/ HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: JWT {owner.jwt}\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\n"
            f"Content-Length: 60000\r\n\r\n"
        ).encode()
        cases: Sequence[tuple[str, int, bytes, bool]] = (
            (f"{DRIPPING} uploads that drip", DRIPPING, upload, True),
            (f"{SILENT} silent connections", SILENT, b"", False),
            (f"{NOT_READING} readers of {ROWS:,} rows that do not read", NOT_READING, export, False),
        )
        for name, count, opening, drips in cases:
            with _slow_clients(web.port, count, opening, drips=drips):
                beside = _waits(web.port)
                more = _memory_bytes(web.pid) - memory
            yield Row(
                f"page beside {name}, p95",
                ms(percentile(beside, 0.95)),
                f"{ms(percentile(idle, 0.95))} alone",
                percentile(beside, 0.95) / percentile(idle, 0.95),
                "at most 3x",
            )
            yield Row(f"memory more beside {name}", f"{more / 1e6:.0f} MB", budget="at most 100 MB")


def _waits(port: int) -> list[float]:
    return [seconds(lambda: _page(port)) for _ in range(PROBES)]


def _page(port: int) -> None:
    connection = http.client.HTTPConnection(
        HOST, port, timeout=float(__import__("os").environ.get("PROBE_S", "20"))
    )
    with contextlib.suppress(TimeoutError):  # twenty seconds are the answer then
        connection.request("GET", "/account/login/")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the page answered {answer.status}")
    connection.close()


@contextmanager
def _slow_clients(port: int, count: int, opening: bytes, *, drips: bool) -> Iterator[None]:
    made = [_connect(port) for _ in range(count)]
    for each in made:
        each.sendall(opening)
    stop = threading.Event()
    thread = threading.Thread(target=_drip, args=(made, stop)) if drips else None
    if thread:
        thread.start()
    time.sleep(2)  # until they are where they hurt
    try:
        yield
    finally:
        stop.set()
        if thread:
            thread.join()
        for each in made:
            each.close()


def _connect(port: int) -> socket.socket:
    made = socket.create_connection((HOST, port))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return made


def _drip(sockets: Sequence[socket.socket], stop: threading.Event) -> None:
    while not stop.wait(DRIP_S):
        for each in sockets:
            with contextlib.suppress(OSError):
                each.send(b"x")


def _memory_bytes(pid: int) -> int:
    parent = psutil.Process(pid)
    return sum(each.memory_full_info().pss for each in (parent, *parent.children(recursive=True)))
