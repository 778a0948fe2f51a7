"""The gate for requests to servers that users name."""

import select
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest
from pytest_django import Settings

from server.core import outbound
from server.core.outbound import OutboundDown, OutboundRefused, destination, post
from server.core.tests.loopback import Script, scripted_server

SECRET = "Api-Key abcdefgh.0123456789"


@pytest.fixture
def server(settings: Settings) -> Iterator[Script]:
    with scripted_server() as script:
        settings.OUTBOUND_ALLOWED = [f"127.0.0.1:{script.port}"]
        yield script


def send(url: str, body: bytes = b"hello") -> outbound.Answer:
    return post(destination(url), headers={"Authorization": SECRET}, body=body)


def unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.mark.parametrize("port", [1, 22, 25, 53, 79, 81, 442, 444, 465, 587, 1023])
def test_a_port_of_another_service_is_refused(port: int, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1", "127.0.0.0/8"]

    with pytest.raises(OutboundRefused, match="port 80, 443, or from 1024 on"):
        send(f"http://127.0.0.1:{port}/")


def test_a_port_that_the_setting_names_is_allowed(settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1:1"]

    with pytest.raises(OutboundDown, match="connection refused"):
        send("http://127.0.0.1:1/")


@pytest.mark.parametrize("allowed", ["169.254.0.0/16", "169.254.169.254", "169.254.169.254:80"])
def test_a_metadata_service_is_refused_whatever_the_setting_says(allowed: str, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED = [allowed]

    with pytest.raises(OutboundRefused):
        send("http://169.254.169.254/latest/meta-data/")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1", "0.0.0.0", "[::ffff:7f00:1]"]
)
def test_weak_point_12_no_way_of_writing_it_leads_to_this_machine(host: str, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED = []
    with scripted_server() as script, pytest.raises((OutboundRefused, OutboundDown)):
        send(f"http://{host}:{script.port}/")

    assert script.seen == []


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/"),
        *("http://", "http:///path", "http://user@example.com/", "http://user:secret@example.com/"),
        *(
            "http://example.com:99999/",
            "http://exa mple.com/",
            "http://example.com/\r\nX: 1",
            "http://bücher.example/",
        ),
        "https://example.com/" + "x" * 400,
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(OutboundRefused) as refused:
        destination(url)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("allowed", ["127.0.0.1", "127.0.0.1:{port}", "127.0.0.0/8"])
def test_what_the_setting_names_is_allowed(allowed: str, settings: Settings) -> None:
    with scripted_server() as script:
        settings.OUTBOUND_ALLOWED = [allowed.format(port=script.port)]

        assert send(script.url).status == 201


@pytest.mark.parametrize("allowed", ["127.0.0.1:1", "127.0.0.2", "10.0.0.0/8", "localhost"])
def test_what_the_setting_does_not_name_is_refused(allowed: str, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED = [allowed]
    with scripted_server() as script, pytest.raises(OutboundRefused):
        send(script.url)

    assert script.seen == []


def test_a_name_may_be_allowed_whatever_its_address(settings: Settings) -> None:
    name = "127.1"  # any machine knows it; "localhost" stands in a file that may be missing
    settings.OUTBOUND_ALLOWED = [name]
    with scripted_server() as script:
        answer = send(f"http://{name}:{script.port}/in?a=1")

    assert answer.status == 201
    assert (script.seen[0].path, script.seen[0].headers["Host"]) == ("/in?a=1", f"{name}:{script.port}")


def test_a_redirect_is_an_answer_and_not_a_way(server: Script) -> None:
    server.answers = [(302, {"Location": f"{server.url}/elsewhere"}, b"")]

    assert send(server.url).status == 302
    assert len(server.seen) == 1


def test_the_environments_proxy_is_not_asked(server: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_port()}")

    assert send(server.url).status == 201


def test_of_a_long_answer_the_beginning_is_read(server: Script) -> None:
    server.answers = [(200, {}, b"x" * 1_000_000)]

    assert len(send(server.url).text) == outbound.MAX_ANSWER_BYTES


def test_a_server_that_is_not_there_is_down(settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]

    with pytest.raises(OutboundDown, match="connection refused"):
        send(f"http://127.0.0.1:{unused_port()}/")


def test_a_server_that_drips_is_left_at_the_deadline(server: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "TOTAL_TIMEOUT_S", 0.5)
    server.instead = _drip

    with pytest.raises(OutboundDown, match="in time"):
        send(server.url)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    """A header that never ends, a letter at a time: who has no deadline stays with it."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        try:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            select.select([handler.connection], [], [], 0.02)
        except OSError:
            return


def test_a_server_that_does_not_answer_times_out(server: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "SILENCE_TIMEOUT_S", 0.3)
    server.instead = _wait_for_the_end

    with pytest.raises(OutboundDown, match="in time"):
        send(server.url)


def _wait_for_the_end(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.recv(1)


@pytest.mark.parametrize("nonsense", [b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"", b"X" * 100_000])
def test_what_is_no_answer_is_a_failure_of_that_server(server: Script, nonsense: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(nonsense)

    server.instead = answer

    with pytest.raises(OutboundDown) as failed:
        send(server.url)

    assert "abcdefgh" not in str(failed.value)


@pytest.mark.parametrize("value", ["a\r\nX-Other: 1", "schlüssel", "a\0"])
def test_a_header_that_is_none_is_refused_without_being_quoted(server: Script, value: str) -> None:
    with pytest.raises(OutboundRefused) as refused:
        post(destination(server.url), headers={"Authorization": value}, body=b"")

    assert value not in str(refused.value)
    assert server.seen == []


def test_a_certificate_that_nobody_trusts_is_a_failure(settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
    with scripted_server() as script, pytest.raises(OutboundDown, match="encrypted"):
        send(f"https://127.0.0.1:{script.port}/")  # which speaks no TLS at all

    assert script.seen == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Mon, 01 Mar 2021 12:01:00 GMT", 60),
        ("Mon, 01 Mar 2021 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("9" * 40, None),
    ],
)
def test_what_the_server_asks_for_is_understood(header: str, seconds: int | None) -> None:
    answer = outbound.Answer(503, "", header)

    assert answer.retry_after_seconds(now=datetime(2021, 3, 1, 12, 0, tzinfo=UTC)) == seconds


def test_for_people_a_destination_has_no_query() -> None:
    assert str(destination("https://Example.com:443/a/b?token=secret")) == "https://example.com/a/b"
