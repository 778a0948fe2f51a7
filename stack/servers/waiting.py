"""Waiting for a server's first answer."""

import socket
import time
from collections.abc import Callable

from stack.errors import StackError
from stack.ports import HOST

POLL_SECONDS = 0.05


class NotYet(Exception):
    """A server does not answer; the text says how."""


def wait_for(name: str, answer: Callable[[], None], seconds: float, given_up: Callable[[], bool]) -> None:
    """Returns when `answer` raises NotYet no more; `given_up` says that waiting has become pointless. Raises StackError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return answer()
        except NotYet as error:
            if given_up() or time.monotonic() > deadline:
                raise StackError(f"{name} does not answer: {error}") from error
            time.sleep(POLL_SECONDS)


def must_listen(port: int) -> None:
    """Raises NotYet."""
    try:
        socket.create_connection((HOST, port), timeout=1.0).close()
    except OSError as error:
        raise NotYet(str(error)) from error
