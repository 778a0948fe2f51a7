"""A proxy to a database that loses an answer: the server has run the statement, and the client
never learns."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from django.db import connections

from stack.ports import HOST

_BUFFER: Final = 1 << 16


@dataclass
class LossyLine:
    """Drops the connection after the first statement that contains `words`; later connections
    work."""

    target: tuple[str, int]
    words: bytes | None = None
    losses: int = 0
    _listener: socket.socket = field(default_factory=lambda: socket.create_server((HOST, 0)))

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def open(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self.target)
                lost = threading.Event()
                for way in (self._forward_requests, self._forward_answers):
                    threading.Thread(target=way, args=(client, server, lost), daemon=True).start()

    def _forward_requests(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while sent := client.recv(_BUFFER):
                if self.words is not None and self.words in sent:
                    self.words = None
                    lost.set()  # before the server gets the statement
                server.sendall(sent)
        server.close()

    def _forward_answers(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while answer := server.recv(_BUFFER):
                if lost.is_set():
                    self.losses += 1
                    break
                client.sendall(answer)
            client.shutdown(socket.SHUT_RDWR)
        client.close()


@contextmanager
def lossy_line(alias: str, words: bytes) -> Iterator[LossyLine]:
    """Put a LossyLine between this process and one of its databases for the block."""
    there = connections[alias].settings_dict
    before = {name: there[name] for name in ("HOST", "PORT")}
    line = LossyLine((str(before["HOST"]), int(before["PORT"])), words)
    line.open()
    connections[alias].close()
    there.update(HOST=HOST, PORT=str(line.port))
    try:
        yield line
    finally:
        connections[alias].close()
        there.update(before)
        line.close()
