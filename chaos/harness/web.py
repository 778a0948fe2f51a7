"""A real web process, as the stack starts it, which tests kill; and requests to it."""

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chaos.harness.processes import ManagedProcess, kill_one, wait_until
from chaos.harness.workers import environment
from stack import ports
from stack.home import ROOT, Home
from stack.services import product_programs

START_S: Final = 60.0
REPORTS: Final = "/api/v1/streamer/report/"
UNAVAILABLE: Final = (503, 507)
_BOUNDARY: Final = "a-line-that-no-report-has"
MULTIPART: Final = f"multipart/form-data; boundary={_BOUNDARY}"
_TIMEOUT_S: Final = 20.0


class WebServer(ManagedProcess):
    """gunicorn on a port of its own; it replaces a killed worker."""

    def __init__(self, home: Home, values: Mapping[str, str], *, port: int, log: Path) -> None:
        self.port = port
        programs = product_programs(home, dict(values), demo=False)
        [web] = [service for service in programs.services if service.name == "web"]
        super().__init__("web", web.argv, cwd=ROOT, env=values, log=log)

    def start(self) -> None:
        super().start()
        wait_until(self.answers, what="the web process answers", seconds=START_S)

    def kill_one(self, which: int) -> None:
        """Kill one of its workers."""
        if answering := self.children():
            kill_one(answering[which % len(answering)])

    def answers(self) -> bool:
        return web_answers(self.port)


def web_answers(port: int) -> bool:
    try:
        status, _ = send_request(port, "GET", "/api/v1/streamer/")
        return status > 0
    except (OSError, http.client.HTTPException):
        return False


@contextmanager
def running_web(objects: Path, log: Path) -> Iterator[WebServer]:
    """A web process for the block."""
    port = ports.fresh_ports()["web"]
    values = {**environment(objects), "WEB_PORT": str(port), "LIVE_PORT": "0"}
    web = WebServer(Home(ROOT, objects.parent), values, port=port, log=log)
    try:
        web.start()
        yield web
    finally:
        web.stop()


def send_request(
    port: int, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Returns status and body, on a new connection. Raises OSError or HTTPException when the
    connection breaks."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=_TIMEOUT_S)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def multipart(data: bytes, file_name: str = "report.bin") -> bytes:
    """Returns the body of an upload form; its content type is MULTIPART."""
    quoted = file_name.replace("\\", "\\\\").replace('"', '\\"')
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    return head.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()
