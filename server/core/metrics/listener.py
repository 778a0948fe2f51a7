"""`/metrics` of a worker, which serves no other requests. Of several processes that share a port
one listens and answers for all of them (`meters.py`); when it ends, another takes over."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.db import connections
from django.http.request import split_domain_port, validate_host

from server.core.metrics.access import may_read
from server.core.metrics.exposition import CONTENT_TYPE, exposition


class Listener:
    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._server: ThreadingHTTPServer | None = None

    def open(self) -> bool:
        """Returns False when another process has the port."""
        if self._server is None:
            try:
                self._server = _Server(self._address, _Handler)
            except OSError:
                return False
            threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()
        return True

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a reader that hangs must not keep a worker from ending

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that disconnects is no error."""


def _is_our_host(header: str) -> bool:
    """A page of another site can give its name our address, and would read our metrics from a
    browser on this machine. It cannot make the browser ask by an address or by one of our names."""
    host = split_domain_port(header.lower())[0].strip("[]")
    if not host:
        return not header  # only a browser needs to be kept out, and it names its host
    try:
        ip_address(host)
    except ValueError:
        return validate_host(host, ["localhost", settings.METRICS_HOST, *settings.ALLOWED_HOSTS])
    return True


class _Handler(BaseHTTPRequestHandler):
    timeout = 10
    server_version = "metrics"
    sys_version = ""

    def do_GET(self) -> None:
        if not _is_our_host(self.headers.get("Host", "")):
            self._answer(400, b"", "text/plain")
            return
        allowed = may_read(address=self.client_address[0], headers=self.headers)  # type: ignore[arg-type]  # a mapping but in name
        if self.path.partition("?")[0] != "/metrics" or not allowed:
            self._answer(404, b"", "text/plain")
            return
        try:
            self._answer(200, exposition(), CONTENT_TYPE)
        finally:
            connections.close_all()  # this thread has asked the queue, which may be a database

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """No access log: Prometheus asks every few seconds."""
