"""Waiting that a signal handler can end."""

import select
import socket


class Wake:
    def __init__(self) -> None:
        self._read_end, self._write_end = socket.socketpair()
        self._read_end.setblocking(False)
        self._write_end.setblocking(False)

    def set(self) -> None:
        """Safe in a signal handler and from any thread."""
        # Not `threading.Event`: its `set` takes a lock that the interrupted main thread may hold.
        try:
            self._write_end.send(b"!")
        except BlockingIOError:
            return  # the buffer is full of earlier bytes, so the waiter wakes anyway

    def wait(self, seconds: float, *also: int) -> bool:
        """Wait for `set`, or until one of the descriptors `also` is readable, at most so many
        seconds. Returns True after `set`."""
        poll = select.poll()
        for descriptor in (self._read_end.fileno(), *also):
            poll.register(descriptor, select.POLLIN)
        poll.poll(max(0.0, seconds) * 1000)
        return self._drain()

    def _drain(self) -> bool:
        try:
            return bool(self._read_end.recv(4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        self._read_end.close()
        self._write_end.close()

    def __del__(self) -> None:
        self.close()
