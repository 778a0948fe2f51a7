"""Waiting for a server's first answer."""

import socket
import time
from collections.abc import Callable

from stack.errors import StackError
from stack.ports import HOST

POLL_SECONDS = 0.05


class NotReady(Exception):
    """A server does not answer yet."""


def wait_for(name: str, answer: Callable[[], None], seconds: float, cancelled: Callable[[], bool]) -> None:
    """Call `answer` until it no longer raises NotReady. Raises StackError when the time is up or
    `cancelled` is true."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return answer()
        except NotReady as error:
            if cancelled() or time.monotonic() > deadline:
                raise StackError(f"{name} does not answer: {error}") from error
            time.sleep(POLL_SECONDS)


def check_listening(port: int) -> None:
    """Raises NotReady."""
    try:
        socket.create_connection((HOST, port), timeout=1.0).close()
    except OSError as error:
        raise NotReady(str(error)) from error
