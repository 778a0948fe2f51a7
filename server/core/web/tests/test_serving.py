"""The web server beside clients that are slow, silent or greedy. Real sockets; the limits are
shortened."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from server.core.web import channel, server, transfers
from server.core.web.server import WebServer, listen

pytestmark = pytest.mark.integration

HOST = "127.0.0.1"
LARGE = 1024 * 1024
"""What the path /large takes; others take 64 kB."""


class Application:
    """Answers with the length of the body that it got, or a long answer at /export."""

    def __init__(self) -> None:
        self.held = threading.Event()
        self.is_in_flight = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        declared = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read()
        if environ["PATH_INFO"] == "/held":
            self.is_in_flight.set()
            self.held.wait(10)
        status = "413 Content Too Large" if declared > len(body) else "200 OK"
        answer = b"x" * 40_000_000 if environ["PATH_INFO"] == "/export" else str(len(body)).encode()
        start_response(status, [("Content-Length", str(len(answer))), ("Content-Type", "text/plain")])
        return [answer]


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def running(application: Application) -> Iterator[WebServer]:
    with run(application) as made:
        yield made


@contextmanager
def run(application: Application, **options: Any) -> Iterator[WebServer]:
    listener = listen(HOST, 0)
    made = WebServer(
        application,
        listener,
        threads=2,
        body_limit=lambda path: LARGE if path == "/large" else 65_536,
        **options,
    )
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    application.held.set()
    made.stop()
    thread.join(10)
    assert not thread.is_alive()
    made.trigger.close()


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "GRACE_S", 0.5)


def port_of(running: WebServer) -> int:
    return int(running.effective_port)


def connect(running: WebServer, opening: bytes = b"") -> socket.socket:
    made = socket.create_connection((HOST, port_of(running)), timeout=15)
    made.sendall(opening)
    return made


def request(running: WebServer, path: str = "/", body: Any = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port_of(running), timeout=15)
    connection.request("POST" if body is not None else "GET", path, body)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def answer_on(client: socket.socket) -> bytes:
    """Everything until the server closes."""
    with client:
        return b"".join(iter(lambda: client.recv(65536), b""))


def dripping(running: WebServer, count: int) -> list[socket.socket]:
    """Uploads that have sent their headers and one byte."""
    opening = b"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx"
    return [connect(running, opening) for _ in range(count)]


def close(clients: list[socket.socket]) -> None:
    for each in clients:
        each.close()


def test_a_request_is_answered(running: WebServer) -> None:
    assert request(running, "/", b"abc") == (200, b"3")


def test_a_chunked_body_is_read_whole(running: WebServer) -> None:
    assert request(running, "/", iter([b"ab", b"cde"])) == (200, b"5")


def test_others_are_answered_beside_more_dripping_uploads_than_there_are_threads(running: WebServer) -> None:
    slow = dripping(running, 64)

    assert request(running) == (200, b"0")
    close(slow)


def test_others_are_answered_beside_silent_connections(running: WebServer) -> None:
    silent = [connect(running) for _ in range(40)]

    assert request(running) == (200, b"0")
    close(silent)


def test_others_are_answered_beside_clients_that_do_not_read(running: WebServer) -> None:
    deaf = [connect(running, b"GET /export HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(6)]

    assert request(running) == (200, b"0")
    close(deaf)


@pytest.mark.usefixtures("short_grace")
def test_an_upload_that_drips_gets_a_timeout(running: WebServer) -> None:
    [slow] = dripping(running, 1)

    assert answer_on(slow).startswith(b"HTTP/1.1 408 Request Timeout")


@pytest.mark.usefixtures("short_grace")
def test_headers_that_do_not_end_get_a_timeout(running: WebServer) -> None:
    slow = connect(running, b"GET / HTTP/1.1\r\nHost: x\r\nX-")

    assert answer_on(slow).startswith(b"HTTP/1.0 408 Request Timeout")


@pytest.mark.usefixtures("short_grace")
def test_a_request_behind_a_long_one_is_not_cut_in_two(running: WebServer, application: Application) -> None:
    begun = b"GET /held HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nX-"
    client = connect(running, begun)
    assert application.is_in_flight.wait(10)
    answer_on(*dripping(running, 1))  # the grace is over

    application.held.set()
    client.sendall(b"Rest: 1\r\nConnection: close\r\n\r\n")

    assert answer_on(client).count(b"HTTP/1.1 200 OK") == 2


def test_a_connection_that_says_nothing_is_closed(
    running: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "SILENT_S", 0.5)

    assert answer_on(connect(running)) == b""


def test_a_connection_between_requests_is_kept_for_longer(
    running: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "SILENT_S", 0.0)
    with closing(http.client.HTTPConnection(HOST, port_of(running), timeout=15)) as connection:
        connection.request("GET", "/")
        connection.getresponse().read()
        answer_on(connect(running))  # a round of maintenance has passed

        connection.request("GET", "/")

        assert connection.getresponse().read() == b"0"


@pytest.mark.usefixtures("short_grace")
def test_a_client_that_does_not_read_is_cut_off(running: WebServer) -> None:
    deaf = connect(running, b"GET /export HTTP/1.1\r\nHost: x\r\n\r\n")

    until(lambda: not running.active_channels)
    deaf.close()


def test_a_body_beyond_the_limit_of_its_view_is_not_read_and_answered(running: WebServer) -> None:
    assert request(running, "/", b"x" * 5_000_000)[0] == 413


def test_a_chunked_body_beyond_the_limit_is_answered_too(running: WebServer) -> None:
    parts = (b"x" * 50_000 for _ in range(20))

    assert request(running, "/", parts)[0] == 413


def test_a_view_may_take_more(running: WebServer) -> None:
    assert request(running, "/large", b"x" * LARGE) == (200, str(LARGE).encode())


def test_no_body_is_asked_for_that_would_be_refused(running: WebServer) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"

    assert answer_on(connect(running, head)).startswith(b"HTTP/1.1 413")


def test_newcomers_are_answered_when_all_connections_are_taken_by_slow_clients() -> None:
    application = Application()
    with run(application, max_connections=20) as running:
        slow = dripping(running, 40)

        assert request(running) == (200, b"0")
        close(slow)


def test_the_slowest_go_when_unfinished_bodies_take_too_much(
    running: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_PENDING_BYTES", 200_000)
    head = b"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    slow = [connect(running, head + b"x" * 60_000) for _ in range(6)]

    until(lambda: 0 < len(running.active_channels) < 4)
    close(slow)


def test_a_stop_waits_for_the_request_in_flight(application: Application) -> None:
    with run(application) as running:
        client = connect(running, b"GET /held HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert application.is_in_flight.wait(10)

        running.stop()
        application.held.set()

        assert answer_on(client).endswith(b"\r\n\r\n0")


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)
