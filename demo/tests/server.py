"""A stub of the server: the two requests of a device, on the loopback address. It records what it
was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from demo.tests.factories import USER_KEY
from server.lib import formats
from server.lib.slugs import StreamerSlug


class StubServer(ThreadingHTTPServer):
    """Stores every report at once, unless `acknowledges` and `status` are changed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.acknowledges = True
        self.status = 201
        self.reports: list[formats.Report] = []
        self.timestamps: list[str] = []
        self.credentials: set[str] = set()

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def stored_ids(self) -> list[int]:
        return [number for report in self.reports for number in report.readings["reading_id"].tolist()]

    def last_ids(self) -> dict[str, int]:
        """By streamer slug."""
        found: dict[str, int] = {}
        for report in self.reports if self.acknowledges else []:
            slug = str(StreamerSlug(report.header.device_id, report.header.streamer_index))
            found[slug] = max(found.get(slug, 0), *report.readings["reading_id"].tolist())
        return found


class _Handler(BaseHTTPRequestHandler):
    server: StubServer

    def do_GET(self) -> None:
        self.server.credentials.add(self.headers["Authorization"])
        results = [{"slug": slug, "last_id": last_id} for slug, last_id in self.server.last_ids().items()]
        self._answer(200, {"results": results})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status != 201:
            self._answer(self.server.status, {"detail": "no"})
            return
        file = _file_of(self.headers["Content-Type"], body)
        keys = formats.Keys(user=USER_KEY)
        self.server.reports.append(formats.decode(file, "report.bin", lambda number: keys))
        self.server.timestamps += parse_qs(urlsplit(self.path).query)["timestamp"]
        self._answer(201, {"count": len(self.server.reports[-1].readings)})

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def _answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _file_of(content_type: str, body: bytes) -> bytes:
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = message.get_payload()
    assert isinstance(parts, list)
    part = parts[0]
    assert isinstance(part, Message)
    assert part.get_param("name", header="content-disposition") == "file"
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


@contextmanager
def running_server() -> Iterator[StubServer]:
    with StubServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
