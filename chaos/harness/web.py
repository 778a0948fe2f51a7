"""A real web process, as the stack starts it, to be killed; and a way to send to it until it answers."""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from chaos.harness.waiting import until
from chaos.harness.workers import environment
from server.apps.accounts.models import Account
from server.apps.accounts.services import issue_jwt
from server.apps.ingest.tests.uploads import form
from stack import ports
from stack.home import ROOT, Home
from stack.services import product_programs

_GIVE_UP_S: Final = 20.0
_BOUNDARY: Final = "a-line-that-no-report-has"
_IS_AWAY: Final = (503, 507)


@dataclass(frozen=True)
class Web:
    port: int
    process: "subprocess.Popen[bytes]"

    def answering(self) -> list[int]:
        """The processes that answer; the one that started them starts new ones."""
        own = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()]

    def kill_one(self, which: int) -> None:
        answering = self.answering()
        if answering:
            os.kill(answering[which % len(answering)], signal.SIGKILL)

    def answers(self) -> bool:
        try:
            return _ask(self.port, "GET", "/api/v1/streamer/", b"", {}) > 0
        except (OSError, http.client.HTTPException):
            return False


@dataclass
class Post:
    """Sends over HTTP as devices do: again and again until it is acknowledged. `again`: how often once was not enough."""

    web: Web
    carrier: Account
    again: int = 0
    _headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        self._headers |= {"Authorization": f"JWT {issue_jwt(user=self.carrier)}", "Content-Type": kind}

    def __call__(self, data: bytes, received: datetime) -> None:
        path = f"/api/v1/streamer/report/?timestamp={received:%Y-%m-%dT%H:%M:%SZ}"
        deadline = time.monotonic() + _GIVE_UP_S
        while not self._is_taken(path, form(data)):
            self.again += 1
            assert time.monotonic() < deadline, "a report is not taken"

    def _is_taken(self, path: str, body: bytes) -> bool:
        try:
            status = _ask(self.web.port, "POST", path, body, self._headers)
        except (OSError, http.client.HTTPException):
            return False
        assert status in {201, *_IS_AWAY}, f"{status} for a good report"
        return status == 201


def _ask(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=_GIVE_UP_S)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@contextmanager
def running_web(objects: Path, log: Path) -> Iterator[Web]:
    """Ends with its block."""
    port = ports.fresh_ports()["web"]
    home, values = Home(ROOT, objects.parent), environment(objects)
    programs = product_programs(home, {**values, "WEB_PORT": str(port), "LIVE_PORT": "0"}, demo=False)
    [web] = [service for service in programs.services if service.name == "web"]
    with log.open("ab") as stream:
        process = subprocess.Popen(web.argv, cwd=settings.ROOT, env=values, stdout=stream, stderr=stream)
    started = Web(port, process)
    try:
        until(started.answers, what="the web process answers", seconds=60)
        yield started
    finally:
        process.terminate()
        process.wait()
