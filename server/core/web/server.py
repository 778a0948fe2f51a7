"""Waitress, with bounds: on connections, on bodies that wait for their end, and on the time that a
client takes."""

import logging
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, Final

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from server.core.web.channel import Channel

MAX_CONNECTIONS: Final = 2000
MAX_PENDING_BYTES: Final = 512 * 1024 * 1024
"""Of bodies that are not complete, in all; beyond that the slowest go."""
FILES_BESIDE: Final = 200
"""File descriptors that are not connections of clients."""
MAX_BODY_BYTES: Final = 64 * 1024 * 1024
"""Of any view; waitress cuts here what the parser let pass."""
FINISH_WITHIN_S: Final = 3.0

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WebServer(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Serves one application on a socket that listens already, and that several processes may
    share."""

    channel_class = Channel

    def __init__(
        self,
        application: Application,
        listener: socket.socket,
        *,
        threads: int,
        body_limit: Callable[[str], int],
        max_connections: int = MAX_CONNECTIONS,
        url_prefix: str = "",
        url_scheme: str = "http",
    ) -> None:
        """`body_limit` gives the bytes that the view at a path takes.

        `url_prefix` is taken from the front of paths if it is there, so a proxy may leave it or
        not.
        """
        options = Adjustments(
            sockets=[listener],
            ident=None,
            url_prefix=url_prefix,
            url_scheme=url_scheme,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,  # NUM_PROXIES decides whose headers count
            connection_limit=_connection_limit(max_connections),
            cleanup_interval=1,
            inbuf_overflow=64 * 1024,
            outbuf_overflow=256 * 1024,
            # On disk from there on, so that no thread waits for a reader; only exports are larger.
            outbuf_high_watermark=64 * 1024 * 1024,
            max_request_header_size=32 * 1024,
            max_request_body_size=MAX_BODY_BYTES,
            log_socket_errors=False,
        )
        options.body_limit = body_limit
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        threads_of_tasks = ThreadedTaskDispatcher()
        threads_of_tasks.set_thread_count(threads)
        info = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(
            application,
            {},
            True,
            listener,
            dispatcher=threads_of_tasks,
            adj=options,
            sockinfo=info,
            bind_socket=False,
        )
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self.pull_trigger()

    def run(self) -> None:
        """Until `stop`, then until the requests that are being served have their answers."""
        while not self._stopping:
            self._turn()
        self.accepting = False
        self.del_channel()
        self.socket.close()
        until_s = time.monotonic() + FINISH_WITHIN_S
        while self._has_work() and time.monotonic() < until_s:
            self._turn()
        for channel in list(self.active_channels.values()):
            channel.close()  # and not the trigger: a thread that is late may still pull it

    def maintenance(self, now: float) -> None:
        now_s = time.monotonic()
        for channel in list(self.active_channels.values()):
            channel.close_if_late(now_s)
        while self._pending_bytes() > MAX_PENDING_BYTES and self._shed(now_s):
            pass

    def handle_accept(self) -> None:
        # One below the limit at which waitress stops to accept: newcomers come in, the slowest go.
        if len(self._map) >= self.adj.connection_limit - 1:
            self._shed(time.monotonic())
        super().handle_accept()

    def _turn(self) -> None:
        wasyncore.loop(timeout=1, map=self._map, use_poll=True, count=1)

    def _has_work(self) -> bool:
        channels = self.active_channels.values()
        return any(each.is_served or each.total_outbufs_len for each in channels)

    def _pending_bytes(self) -> int:
        return sum(
            each.incoming.size_bytes for each in self.active_channels.values() if each.request is not None
        )

    def _shed(self, now_s: float) -> bool:
        waiting = [each for each in self.active_channels.values() if not each.is_served]
        if not waiting:
            return False
        min(waiting, key=lambda each: each.incoming.bytes_per_s(now_s)).handle_close()
        return True


def listen(host: str, port: int) -> socket.socket:
    listener = socket.create_server((host, port), backlog=1024)
    listener.setblocking(False)
    return listener


def serve(server: WebServer) -> int:
    """In a process of its own, until a signal. Returns the exit code."""

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run()
    return 0


def _connection_limit(wanted: int) -> int:
    """As many as the limit of open files admits, which is raised as far as this process may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted + FILES_BESIDE
    if soft < files:
        soft = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(wanted, soft - FILES_BESIDE)
