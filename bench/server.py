"""A WSGI application under the web server of the embedded stack."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

START_SECONDS = 30.0


class RunningServer(NamedTuple):
    port: int
    pid: int
    """Of the parent of the processes that answer."""


@contextmanager
def running_server(application: str) -> Iterator[RunningServer]:
    """Serve `application` for the block, which begins once it answers."""
    port = _free_port()
    options = ("--application", application, "--bind", f"127.0.0.1:{port}")
    with _running(port, "server.config.web", *options) as server:
        yield server


@contextmanager
def running_live_push() -> Iterator[RunningServer]:
    port = _free_port()
    options = ("server.config.asgi:application", "--port", str(port), "--log-level", "error")
    with _running(port, "uvicorn", *options) as server:
        yield server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(port: int, module: str, *options: str) -> Iterator[RunningServer]:
    process = subprocess.Popen((sys.executable, "-W", "ignore", "-m", module, *options))
    try:
        _wait(port, process)
        yield RunningServer(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
