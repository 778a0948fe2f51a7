"""A small HTTP server on the loopback address that answers as scripted and records requests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class ReceivedRequest:
    path: str
    headers: Message
    body: bytes


@dataclass
class Script:
    """A status, headers and a body for each request; the last one is repeated."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(201, {}, b"{}")])
    seen: list[ReceivedRequest] = field(default_factory=list)
    port: int = 0
    instead: Callable[[BaseHTTPRequestHandler], None] | None = None
    """Replaces the answer, to act like a broken server."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next_answer(self) -> tuple[int, dict[str, str], bytes]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted_server(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[Script]:
    script = Script(list(answers) or [(201, {}, b"{}")])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.seen.append(ReceivedRequest(self.path, self.headers, body))
            if script.instead is not None:
                script.instead(self)
                return
            status, headers, content = script.next_answer()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
