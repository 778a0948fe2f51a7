"""One connection of a client."""

import contextlib
import socket
import time
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.utilities import Error

from server.core.web import transfers
from server.core.web.parser import RequestParser
from server.core.web.transfers import Transfer

SILENT_S: Final = 10.0
"""A connection that has sent nothing yet."""
IDLE_S: Final = 75.0
"""Between two requests; proxies keep theirs for a minute."""
LINGER_S: Final = 3.0


class RequestTimeout(Error):  # type: ignore[misc]  # waitress has no types
    code = 408
    reason = "Request Timeout"


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that is closed when its client is too slow to send or to read."""

    parser_class = RequestParser

    request: RequestParser | None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.incoming = Transfer(time.monotonic())
        self.outgoing: Transfer | None = None
        self.lingers_until_s: float | None = None
        self._has_refused = self._has_sent = False
        super().__init__(*arguments, **options)

    @property
    def is_served(self) -> bool:
        return bool(self.requests)

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.incoming = Transfer(time.monotonic())
        self.incoming.size_bytes += len(data)
        self._has_sent = True
        taken: bool = super().received(data)
        self._has_refused = self._has_refused or any(each.refused for each in self.requests)
        return taken

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close)
        if self.outgoing is not None:
            self.outgoing.size_bytes += sent
        return sent

    def readable(self) -> bool:
        return self.lingers_until_s is not None or bool(super().readable())

    def handle_read(self) -> None:
        if self.lingers_until_s is None:
            super().handle_read()
        elif not self._discard():
            self.handle_close()

    def handle_close(self) -> None:
        """Waits for the rest of a body that was refused: a client that still sends would lose the
        answer to a reset connection."""
        if self._has_refused and self.connected and self.lingers_until_s is None:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
                self.lingers_until_s = time.monotonic() + LINGER_S
                self.will_close = self.close_when_flushed = False
                return
        super().handle_close()

    def close_if_late(self, now_s: float) -> None:
        """Called about once a second."""
        if self.lingers_until_s is not None:
            if now_s > self.lingers_until_s:
                self.handle_close()
        elif self.total_outbufs_len:
            self.outgoing = self.outgoing or Transfer(now_s)
            if self.outgoing.is_late(now_s):
                self.handle_close()
        elif self.is_served:
            self.incoming.since_s = now_s  # what came after it is not read meanwhile, so it cannot be late
        elif self.request is not None:
            if self.incoming.is_late(now_s):
                self._answer_timeout()
        elif now_s - self._quiet_since_s() > (IDLE_S if self._has_sent else SILENT_S):
            self.handle_close()
        if not self.total_outbufs_len:
            self.outgoing = None

    def _quiet_since_s(self) -> float:
        return time.monotonic() - (time.time() - float(self.last_activity))

    def _answer_timeout(self) -> None:
        with self.requests_lock:
            request = self.request
            if request is None or self.requests:
                return
            self.request = None
            request.error = RequestTimeout(
                f"The request was not complete {transfers.GRACE_S:.0f} seconds after it began."
            )
            self.requests.append(request)
            self.server.add_task(self)

    def _discard(self) -> bool:
        try:
            return bool(self.socket.recv(65536))
        except BlockingIOError:
            return True
        except OSError:
            return False
