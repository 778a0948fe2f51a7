"""What slow clients do to others: the wait for a page beside them, over the wait without them."""

import contextlib
import gzip
import http.client
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import psutil
from django.conf import settings
from django.db import connections
from django.test import Client

from bench.database import fill, make_owner, new_device
from bench.server import running_live_push, running_server
from bench.table import Row, ms
from bench.timing import percentile, seconds
from server.apps.accounts.models import Role
from server.apps.accounts.services.accounts import add_member, create_account
from server.apps.devices.models import Project
from webapp.views.live import MAX_STREAMS_PER_PERSON

PROBES = 40
DRIPPING = 64
SILENT = 40
NOT_READING = 12
ROWS = 200_000
DRIP_S = 1.0
BOMBERS = 4
OPEN_PAGES = 200
LISTS_IN_A_BOMB = 6_000_000  # 18 MB of JSON in 18 kB
PATIENCE_S = 20.0
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
        bomb = _bomb(owner.jwt, stream.slug)
        memory = _memory_bytes(web.pid)  # exports were buffered in between
        with _bombers(web.port, bomb):
            beside = _waits(web.port)
            more = _memory_bytes(web.pid) - memory
        yield Row(
            f"page beside {BOMBERS} senders of gzip bombs ({len(bomb) / 1e3:.0f} kB), longest",
            ms(max(beside)),
            f"{ms(max(idle))} alone",
            max(beside) / max(idle),
            "under 1 s",
        )
        yield Row("memory more beside gzip bombs", f"{more / 1e6:.0f} MB", budget="at most 100 MB")
    before, beside_pages = _connections_beside_open_pages(owner.project.slug)
    yield Row(
        f"connections of PostgreSQL beside {OPEN_PAGES} open pages",
        str(beside_pages),
        f"{before} without",
        budget="at most 10 more",
    )


def _waits(port: int) -> list[float]:
    return [seconds(lambda: _page(port)) for _ in range(PROBES)]


def _page(port: int) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_S)
    with contextlib.suppress(TimeoutError):  # its length is the answer then
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


def _connections_beside_open_pages(project: str) -> tuple[int, int]:
    """Returns how many there are without and with open pages, once each page listens."""
    with running_live_push() as live, contextlib.ExitStack() as stack:
        before = _postgres_connections()
        for number in range(OPEN_PAGES // MAX_STREAMS_PER_PERSON):
            cookie = _member_cookie(project, number)
            for _ in range(MAX_STREAMS_PER_PERSON):
                connection = stack.enter_context(_connect(live.port))
                connection.sendall(
                    f"GET /live/project/{project}/ HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n".encode()
                )
                answer = connection.recv(4096)
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(f"live push answered {answer[:200]!r}")
        return before, _postgres_connections()


def _member_cookie(project: str, number: int) -> str:
    """Returns the session cookie of a new member of the project's organisation."""
    name = f"reader-{number}"
    user = create_account(email=f"{name}@example.com", username=name)
    add_member(org=Project.objects.get(slug=project).org, user=user, role=Role.OPERATOR)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _postgres_connections() -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        return int(cursor.fetchone()[0])


def _bomb(jwt: str, stream: str) -> bytes:
    """An event whose large part is `[[],[],…]`, compressed: containers cost most memory."""
    document = gzip.compress(b"[" + b"[]," * LISTS_IN_A_BOMB + b"[]]")
    fields = {"stream": stream, "timestamp": "2026-01-01T00:00:00Z", "streamer_local_id": "1"}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.json.gz"\r\n\r\n'
    body = b"".join([*parts, head, document, b"\r\n--x--\r\n"])
    return (
        f"POST /api/v1/event/upload/ HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: JWT {jwt}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    ).encode() + body


@contextmanager
def _bombers(port: int, bomb: bytes) -> Iterator[None]:
    """Each sends one after another, waiting for the answers."""
    stop = threading.Event()
    answers: list[bytes] = []

    def send() -> None:
        while not stop.is_set():
            with _connect(port) as connection:
                connection.sendall(bomb)
                answers.append(connection.recv(65536)[:12])

    threads = [threading.Thread(target=send) for _ in range(BOMBERS)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join()
    if set(answers) != {b"HTTP/1.1 400"}:
        raise RuntimeError(f"a bomb was answered {set(answers)}")


def _memory_bytes(pid: int) -> int:
    parent = psutil.Process(pid)
    return sum(each.memory_full_info().pss for each in (parent, *parent.children(recursive=True)))
